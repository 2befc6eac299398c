using Chat.Engines.Embedded.Sqlite;

namespace Chat.Tests.Engines;

public sealed class GroupCommitTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("chat-commit-").FullName;
    private readonly SqliteSession _session;

    public GroupCommitTests()
    {
        _session = SqliteSession.Open(Path.Combine(_folder, "test.db"), readOnly: false);
        _session.Execute("CREATE TABLE rows (id INTEGER PRIMARY KEY)");
    }

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void What_is_committed_is_not_done_again_whatever_fails_then(int count)
    {
        var rolledBack = false;
        var commit = new GroupCommit(_session, new(
            static _ => { },
            static _ => { },
            static () => throw new InvalidOperationException("no more memory"),
            () => rolledBack = true));
        var works = Enumerable.Range(0, count).Select(_ => new InsertWork()).ToList();

        Assert.Throws<InvalidOperationException>(() => commit.Run([.. works]));

        Assert.Equal(count, _session["SELECT count(*) FROM rows"].Single(static row => row.Int32(0)));
        Assert.False(rolledBack);
        Assert.All(works, work => Assert.False(work.HasFailed));
    }

    [Fact]
    public void Work_outside_a_transaction_is_no_commit_to_the_hooks()
    {
        var committed = 0;
        var commit = new GroupCommit(_session, new(static _ => { }, static _ => { }, () => committed++, static () => { }));

        commit.Run([new InsertWork { IsAlone = true }]);
        Assert.Equal(0, committed);

        commit.Run([new InsertWork()]);
        Assert.Equal(1, committed);
    }

    private sealed class InsertWork : WriterWork
    {
        public bool HasFailed { get; private set; }

        public override void Execute(SqliteSession session) => session["INSERT INTO rows DEFAULT VALUES"].Run();

        public override void Committed()
        {
        }

        public override void Failed(Exception exception) => HasFailed = true;
    }
}
