using Chat.Core.Engines;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Chat.Engines.Embedded;

/// <summary>
/// Which of SQLite's errors say that something is refused for what it is. Everything else may pass: the disk is full, a file is
/// locked or can't be read.
/// </summary>
internal static class EmbeddedRefusals
{
    /// <summary>The exception as the ports tell it; null where it is a failure that may pass.</summary>
    public static EngineRefusedException? Find(Exception exception) => (exception as SqliteException)?.SqliteErrorCode switch
    {
        raw.SQLITE_TOOBIG => new("A value is larger than SQLite takes", exception),
        raw.SQLITE_MISMATCH => new("A value has another type than its column", exception),
        _ => null,
    };
}
