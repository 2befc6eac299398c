namespace Chat.Engines.Embedded.Sqlite;

/// <summary>
/// The one writer of a database: a thread that takes whatever work is waiting, does it in one transaction, and answers once that is
/// on disk. While the disk is busy with one group the next one gathers, so a disk that takes long to sync makes larger groups
/// and not fewer writes.
/// </summary>
internal sealed class GroupCommitWriter : IDisposable
{
    /// <summary>How long work that nobody waits for may stay in memory.</summary>
    private static readonly TimeSpan LazyDelay = TimeSpan.FromMilliseconds(100);

    private readonly SqliteSession _session;
    private readonly GroupCommit _commit;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private List<WriterWork> _waiting = [];
    private bool _urgent;
    private bool _stopping;

    public GroupCommitWriter(SqliteSession session, string name, WriterHooks? hooks = null)
    {
        _session = session;
        _commit = new(session, hooks);
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Does work and answers once it is on disk.</summary>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> write, CancellationToken cancellationToken) =>
        WriteAsync(write, null, cancellationToken);

    /// <param name="committed">Told the result once it is on disk, on the writer's thread and in the order of the commits.</param>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> write, Action<T>? committed, CancellationToken cancellationToken)
    {
        var work = new FunctionWork<T>(write, committed);
        Submit(work);
        return work.Done.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Writes the file anew without what was deleted, and empties the write-ahead log: nothing of it is left in any file then. Takes as
    /// long as the file is large, and as much room, in SQLite's folder for temporary files and in its own; writes wait.
    /// </summary>
    public Task CompactAsync(CancellationToken cancellationToken)
    {
        var work = new FunctionWork<bool>(Compact, null) { IsAlone = true };
        Submit(work);
        return work.Done.WaitAsync(cancellationToken);
    }

    public Task WriteAsync(Action<SqliteSession> write, CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            write(session);
            return true;
        },
        cancellationToken);

    /// <exception cref="ObjectDisposedException">The writer has stopped.</exception>
    public void Submit(WriterWork work)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            _waiting.Add(work);
            if (_urgent) return;
            _urgent = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Work that nobody waits for: done with the next group, or a little later by itself.</summary>
    public void SubmitLazily(WriterWork work)
    {
        lock (_gate)
        {
            // What is lost by stopping is what a crash loses.
            if (_stopping) return;
            _waiting.Add(work);
            if (_waiting.Count == 1) Monitor.Pulse(_gate);
        }
    }

    /// <summary>Does what is waiting and stops.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping) return;
            _stopping = true;
            Monitor.Pulse(_gate);
        }
        _thread.Join();
        _session.Dispose();
    }

    private void Run()
    {
        while (Take() is { } group) _commit.Run(group);
    }

    private static bool Compact(SqliteSession session)
    {
        // The new file is a temporary one first, and a large one doesn't fit in memory.
        session.Execute("PRAGMA temp_store = FILE");
        try
        {
            session.Execute("VACUUM");
        }
        finally
        {
            session.Execute("PRAGMA temp_store = MEMORY");
        }
        using var checkpoint = session.Prepare("PRAGMA wal_checkpoint(TRUNCATE)");
        return checkpoint.Single(static row => row.Int32(0)) == 0
            ? true
            : throw new IOException("The write-ahead log could not be emptied while others read the file");
    }

    private List<WriterWork>? Take()
    {
        lock (_gate)
        {
            while (!_urgent && !_stopping)
            {
                if (_waiting.Count == 0) Monitor.Wait(_gate);
                else if (!Monitor.Wait(_gate, LazyDelay)) break;
            }
            if (_waiting.Count == 0 && _stopping) return null;
            _urgent = false;
            var group = _waiting;
            _waiting = new(group.Count);
            return group;
        }
    }

    private sealed class FunctionWork<T>(Func<SqliteSession, T> write, Action<T>? committed) : WriterWork
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Done => _done.Task;

        public override bool IsAlone { get; init; }

        public override void Execute(SqliteSession session) => _result = write(session);

        public override void Committed()
        {
            committed?.Invoke(_result);
            _done.SetResult(_result);
        }

        public override void Failed(Exception exception) => _done.SetException(exception);
    }
}
