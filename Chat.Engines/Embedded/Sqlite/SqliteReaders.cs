using System.Collections.Concurrent;

namespace Chat.Engines.Embedded.Sqlite;

/// <summary>
/// Connections for reading, as many as read at once. A read runs on its caller's thread: SQLite has no other way, and it is short.
/// </summary>
internal sealed class SqliteReaders(string path) : IDisposable
{
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private volatile bool _disposed;

    public string Path => path;

    /// <summary>Reads as of one moment.</summary>
    public T Read<T>(Func<SqliteSession, T> read)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var session = _idle.TryTake(out var idle) ? idle : SqliteSession.Open(path, readOnly: true);
        try
        {
            var result = session.Snapshot(read);
            Return(session);
            return result;
        }
        catch (Exception exception)
        {
            // Whatever state its statements are in: not worth repairing.
            session.Dispose();
            if (EmbeddedRefusals.Find(exception) is { } refused) throw refused;
            throw;
        }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var session)) session.Dispose();
    }

    private void Return(SqliteSession session)
    {
        _idle.Add(session);
        if (_disposed) Dispose();
    }
}
