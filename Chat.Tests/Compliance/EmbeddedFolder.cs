using Chat.Core.Retention;
using Chat.Engines.Embedded;
using Chat.Engines.Embedded.Log;
using Chat.Engines.Embedded.Store;
using Chat.Tests.Compliance.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Compliance;

/// <summary>A data folder of a test's own, with the embedded engines on it; gone with the test.</summary>
public sealed class EmbeddedFolder : IDisposable
{
    private readonly string _path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"chat-{Guid.NewGuid():N}");
    private DataFolder? _folder;
    private StoreDatabase? _database;

    public EmbeddedFolder(TimeProvider? time = null)
    {
        Time = time ?? TimeProvider.System;
        Options.DataFolder = _path;
    }

    public EmbeddedOptions Options { get; } = new() { ConsumerPause = TimeSpan.FromMilliseconds(10) };

    public TimeProvider Time { get; }

    public string Path => _path;

    public EmbeddedEventLog? Log { get; private set; }

    /// <summary>Of the store that is open.</summary>
    internal StoreRetention Retention { get; private set; } = null!;

    /// <inheritdoc cref="Retention"/>
    internal MessageRetention MessageRetention { get; private set; } = null!;

    public RetentionOptions RetentionOptions { get; } = new();

    public EmbeddedEventLog OpenLog() => Log ??= new(Folder, Wrapped, Time, NullLogger<EmbeddedEventLog>.Instance);

    /// <param name="isMessageLog">Whether messages are appended to the log of this folder.</param>
    public StorePorts OpenStore(bool isMessageLog = true)
    {
        var log = OpenLog();
        var database = _database = new(Folder, log, isMessageLog ? log : null);
        var states = new StateCache(Options.CachedStates);
        var retention = Microsoft.Extensions.Options.Options.Create(RetentionOptions);
        Retention = new(database, retention, Time);
        MessageRetention = new(database, states, retention, Time);
        return new(
            new EmbeddedConversationStore(database),
            new EmbeddedIdempotencyStore(database),
            new EmbeddedMessageStore(database, states),
            new EmbeddedStatusStore(database, states),
            new EmbeddedChangeStore(database),
            new EmbeddedEpochStore(database),
            new EmbeddedParkedStore(database),
            new EmbeddedHandOverLedger(database),
            new EmbeddedProviderIds(database),
            new EmbeddedSendLedger(database),
            new EmbeddedHeldMessages(database),
            new EmbeddedAccountStore(database),
            new EmbeddedContactStore(database),
            new EmbeddedRevokedTokenStore(database),
            new EmbeddedErasure(database, states, Time));
    }

    /// <summary>A folder with what the files have now, while they are in use: what is left where the process is killed.</summary>
    public EmbeddedFolder CopyAsKilled()
    {
        var copy = new EmbeddedFolder(Time);
        Directory.CreateDirectory(copy.Path);
        foreach (var pattern in (string[])["*.db", "*.db-wal"])
        {
            foreach (var file in Directory.EnumerateFiles(_path, pattern))
            {
                using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                using var to = File.Create(System.IO.Path.Combine(copy.Path, System.IO.Path.GetFileName(file)));
                from.CopyTo(to);
            }
        }
        return copy;
    }

    /// <summary>Lets go of the files, and of the folder, as the end of the process does.</summary>
    public void Close()
    {
        Log?.Dispose();
        _database?.Dispose();
        _folder?.Dispose();
        (Log, _database, _folder) = (null, null, null);
    }

    public void Dispose()
    {
        Close();
        if (Directory.Exists(_path)) Directory.Delete(_path, recursive: true);
    }

    private DataFolder Folder => _folder ??= new(Wrapped, NullLogger<DataFolder>.Instance);

    private IOptions<EmbeddedOptions> Wrapped => Microsoft.Extensions.Options.Options.Create(Options);
}
