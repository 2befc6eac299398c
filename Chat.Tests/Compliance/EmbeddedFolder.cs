using Chat.Engines.Embedded;
using Chat.Engines.Embedded.Log;
using Chat.Engines.Embedded.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Compliance;

/// <summary>A data folder of a test's own, with the embedded engines on it; gone with the test.</summary>
public sealed class EmbeddedFolder : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"chat-{Guid.NewGuid():N}");
    private DataFolder? _folder;

    public EmbeddedFolder(TimeProvider? time = null)
    {
        Time = time ?? TimeProvider.System;
        Options.DataFolder = _path;
    }

    public EmbeddedOptions Options { get; } = new() { ConsumerPause = TimeSpan.FromMilliseconds(10) };

    public TimeProvider Time { get; }

    public EmbeddedEventLog? Log { get; private set; }

    public EmbeddedMessageStore? Store { get; private set; }

    public EmbeddedEventLog OpenLog() => Log = new(Folder, Wrapped, Time, NullLogger<EmbeddedEventLog>.Instance);

    public EmbeddedMessageStore OpenStore() => Store = new(Folder, Wrapped, Time);

    /// <summary>Lets go of the files, and of the folder, as the end of the process does.</summary>
    public void Close()
    {
        Log?.Dispose();
        Store?.Dispose();
        _folder?.Dispose();
        (Log, Store, _folder) = (null, null, null);
    }

    public void Dispose()
    {
        Close();
        if (Directory.Exists(_path)) Directory.Delete(_path, recursive: true);
    }

    private DataFolder Folder => _folder ??= new(Wrapped);

    private IOptions<EmbeddedOptions> Wrapped => Microsoft.Extensions.Options.Options.Create(Options);
}
