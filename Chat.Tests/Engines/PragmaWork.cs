using Chat.Engines.Embedded.Sqlite;

namespace Chat.Tests.Engines;

/// <summary>A pragma on the connection of a file's one writer, by itself: in a group with others it would be undone with them.</summary>
internal sealed class PragmaWork(string pragma) : WriterWork
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override bool IsAlone { get; init; } = true;

    public override void Execute(SqliteSession session) => session.Execute(pragma);

    public override void Committed() => _done.SetResult();

    public override void Failed(Exception exception) => _done.SetException(exception);

    public static Task RunAsync(GroupCommitWriter writer, string pragma, CancellationToken cancellationToken)
    {
        var work = new PragmaWork(pragma);
        writer.Submit(work);
        return work._done.Task.WaitAsync(cancellationToken);
    }
}
