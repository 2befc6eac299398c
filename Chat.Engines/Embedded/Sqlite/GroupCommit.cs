namespace Chat.Engines.Embedded.Sqlite;

/// <summary>Carries out a group of work in one transaction, and tells each how it went. On the writer's thread.</summary>
internal sealed class GroupCommit(SqliteSession session, WriterHooks? hooks)
{
    /// <remarks>
    /// What the hooks or the work throw after the commit is thrown on: memory may no longer be as the file is then, and nothing more may be
    /// written.
    /// </remarks>
    public void Run(List<WriterWork> group)
    {
        // One work's failure is not the others': after one, each has a transaction of its own.
        var isEach = group.Count > 1 && group.Exists(w => w.IsAlone);
        if (isEach || (!TryCommit(group, tellFailure: group.Count == 1) && group.Count > 1))
        {
            foreach (var work in group) TryCommit([work], tellFailure: true);
        }
    }

    private bool TryCommit(List<WriterWork> group, bool tellFailure)
    {
        try
        {
            Commit(group);
        }
#pragma warning disable CA1031 // Any failure is the caller's to handle; the writer continues.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (tellFailure) group[0].Failed(EmbeddedRefusals.Find(exception) ?? exception);
            return false;
        }
        // Outside the try: what throws here is no failed transaction, and its work must not be done again.
        if (!IsByItself(group)) hooks?.Committed();
        foreach (var work in group) work.Committed();
        return true;
    }

    private void Commit(List<WriterWork> group)
    {
        if (IsByItself(group))
        {
            group[0].Execute(session);
            return;
        }
        try
        {
            session["BEGIN IMMEDIATE"].Run();
            hooks?.Begun(session);
            foreach (var work in group) work.Execute(session);
            hooks?.Ending(session);
            session["COMMIT"].Run();
        }
        catch
        {
            try
            {
                if (session.InTransaction) session.Execute("ROLLBACK");
            }
            finally
            {
                hooks?.RolledBack();
            }
            throw;
        }
    }

    private static bool IsByItself(List<WriterWork> group) => group is [{ IsAlone: true }];
}
