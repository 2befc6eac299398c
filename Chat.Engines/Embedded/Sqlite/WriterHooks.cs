namespace Chat.Engines.Embedded.Sqlite;

/// <summary>What a file's writer does in each transaction, whatever work is in it; all of it on the writer's thread.</summary>
/// <param name="Begun">The first thing in each transaction; again in the next one where this one is undone.</param>
/// <param name="Ending">The last thing in each transaction.</param>
/// <param name="Committed">It is on disk; before its work is told so.</param>
/// <param name="RolledBack">A transaction was undone: what the work left in memory is to be undone too.</param>
internal sealed record WriterHooks(
    Action<SqliteSession> Begun, Action<SqliteSession> Ending, Action Committed, Action RolledBack);
