namespace Chat.Engines.Embedded.Sqlite;

/// <summary>
/// A database's schema as the steps that made it: <c>PRAGMA user_version</c> says how many were taken. A step that was released is
/// never changed; what comes later is a step more.
/// </summary>
internal static class SqliteSchema
{
    /// <exception cref="InvalidOperationException">A newer version of the program wrote the file.</exception>
    public static void Migrate(SqliteSession session, string path, IReadOnlyList<string> steps)
    {
        var version = Version(session);
        if (version > steps.Count)
        {
            throw new InvalidOperationException(
                $"{path} has schema version {version}, and this program knows versions up to {steps.Count}: a newer one wrote it.");
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
