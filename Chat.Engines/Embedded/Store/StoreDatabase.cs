using Chat.Core;
using Chat.Core.Log;
using Chat.Engines.Embedded.Keys;
using Chat.Engines.Embedded.Log;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Store;

/// <summary>
/// The store's file, <c>store.db</c> of the data folder, which the classes of its ports share. One writer commits in groups, and what
/// merges is merged by SQL, without reading first; reads are snapshots beside it. Idempotency keys lie in the log's file.
/// </summary>
internal sealed class StoreDatabase : IDisposable
{
    internal const string FileName = "store.db";

    private readonly SqliteReaders _readers;
    private readonly GroupCommitWriter _writer;

    /// <exception cref="StartUpException">The file can't be used, or a newer version of the program wrote it.</exception>
    /// <param name="log">Of the same folder.</param>
    /// <param name="messages">The log that messages are appended to: the same, or another engine's.</param>
    public StoreDatabase(DataFolder folder, EmbeddedEventLog log, IEventLog? messages = null)
    {
        Keys = log.Keys;
        IsMessageLog = ReferenceEquals(log, messages);
        var path = folder.File(FileName);
        _writer = new(SqliteSchema.Open(path, StoreSchema.Steps, session => MovedKeys.Move(session, Keys)), "store writer");
        _readers = new(path);
    }

    /// <summary>The idempotency keys, those of an earlier version of the store's file among them.</summary>
    public KeyFile Keys { get; }

    /// <summary>Whether messages are appended to the log that the keys lie beside.</summary>
    public bool IsMessageLog { get; }

    /// <summary>The one writer of the store's file.</summary>
    internal GroupCommitWriter Writer => _writer;

    /// <summary>A write that leaves nothing behind: an epoch of no topic, deleted again before anybody can see it.</summary>
    public Task ProbeWriteAsync(CancellationToken cancellationToken) => _writer.WriteAsync(
        static session =>
        {
            session["INSERT INTO epochs (topic, identity, epoch) VALUES ('', zeroblob(?1), 0)"].Bind(1, EmbeddedHealthCheck.Bytes).Run();
            session["DELETE FROM epochs WHERE topic = ''"].Run();
        },
        cancellationToken);

    /// <inheritdoc cref="GroupCommitWriter.CompactAsync"/>
    public async ValueTask CompactAsync(CancellationToken cancellationToken)
    {
        await _writer.CompactAsync(cancellationToken);
        // Else that is done with the log.
        if (!IsMessageLog) await Keys.CompactAsync(cancellationToken);
    }

    public ValueTask<T> WriteAsync<T>(Func<SqliteSession, T> write, CancellationToken cancellationToken) =>
        new(_writer.WriteAsync(write, cancellationToken));

    public ValueTask WriteAsync(Action<SqliteSession> write, CancellationToken cancellationToken) =>
        new(_writer.WriteAsync(write, cancellationToken));

    /// <param name="committed">Given what was written once it is on disk, on the writer's thread and in the order of the commits.</param>
    public async ValueTask WriteAsync<T>(Func<SqliteSession, T> write, Action<T> committed, CancellationToken cancellationToken) =>
        await _writer.WriteAsync(write, committed, cancellationToken);

    public ValueTask<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_readers.Read(read));
    }

    public void Dispose()
    {
        _writer.Dispose();
        _readers.Dispose();
    }
}
