using Chat.Core;

namespace Chat.Engines.Embedded.Sqlite;

/// <summary>
/// A database's schema as the steps that made it: <c>PRAGMA user_version</c> says how many were taken. A step that was released is
/// never changed; what comes later is a step more.
/// </summary>
internal static class SqliteSchema
{
    /// <summary>The connection of a file's one writer, with the schema brought up.</summary>
    /// <param name="load">Reads what the program keeps in memory of it.</param>
    /// <exception cref="StartUpException">The file can't be used, or a newer version of the program wrote it.</exception>
    public static SqliteSession Open(string path, IReadOnlyList<string> steps, Action<SqliteSession>? load = null)
    {
        if (Directory.Exists(path)) throw FileFault.NoFile.At(path);
        SqliteSession? session = null;
        try
        {
            session = SqliteSession.Open(path, readOnly: false);
            Migrate(session, path, steps);
            load?.Invoke(session);
            return session;
        }
        catch (Exception exception)
        {
            session?.Dispose();
            if (FileFault.IsOne(exception)) throw FileFault.Of(exception).At(path, exception);
            throw;
        }
    }

    /// <summary>Takes the steps that the file is behind.</summary>
    /// <exception cref="StartUpException">A newer version of the program wrote the file.</exception>
    public static void Migrate(SqliteSession session, string path, IReadOnlyList<string> steps)
    {
        var version = Version(session);
        if (version > steps.Count)
        {
            throw new FileFault(
                $"of schema version {version}, and this program knows versions up to {steps.Count}",
                "Start the newer program that wrote it").At(path);
        }
        for (; version < steps.Count; version++)
            session.Execute($"BEGIN IMMEDIATE; {steps[version]} PRAGMA user_version = {version + 1}; COMMIT;");
    }

    private static int Version(SqliteSession session)
    {
        using var statement = session.Prepare("PRAGMA user_version");
        return statement.Single(static row => row.Int32(0));
    }
}
