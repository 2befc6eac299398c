using Chat.Core.Store;
using Chat.Engines.Embedded.Sqlite;
using Microsoft.Extensions.Options;

namespace Chat.Engines.Embedded.Store;

/// <summary>
/// The message store on SQLite, in <c>store.db</c> of the data folder. One writer commits in groups, and what merges is merged by
/// SQL, without reading first; reads are snapshots beside it.
/// </summary>
public sealed partial class EmbeddedMessageStore : IMessageStore, IDisposable
{
    private const string FileName = "store.db";

    private readonly EmbeddedOptions _options;
    private readonly TimeProvider _time;
    private readonly SqliteReaders _readers;
    private readonly GroupCommitWriter _writer;
    private readonly StateCache _states;

    /// <exception cref="InvalidOperationException">A newer version of the program wrote the file.</exception>
    public EmbeddedMessageStore(DataFolder folder, IOptions<EmbeddedOptions> options, TimeProvider time)
    {
        _options = options.Value;
        _time = time;
        var path = folder.File(FileName);
        var session = SqliteSession.Open(path, readOnly: false);
        SqliteSchema.Migrate(session, path, StoreSchema.Steps);
        _states = new(_options.CachedStates);
        _readers = new(path);
        _writer = new(session, "store writer");
    }

    public void Dispose()
    {
        _writer.Dispose();
        _readers.Dispose();
    }

    private ValueTask<T> WriteAsync<T>(Func<SqliteSession, T> write, CancellationToken cancellationToken) =>
        new(_writer.WriteAsync(write, cancellationToken));

    private ValueTask WriteAsync(Action<SqliteSession> write, CancellationToken cancellationToken) =>
        new(_writer.WriteAsync(write, cancellationToken));

    /// <param name="committed">Told what was written once it is on disk, on the writer's thread and in the order of the commits.</param>
    private ValueTask<T> WriteAsync<T>(Func<SqliteSession, T> write, Action<T> committed, CancellationToken cancellationToken) =>
        new(_writer.WriteAsync(write, committed, cancellationToken));

    private ValueTask<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_readers.Read(read));
    }
}
