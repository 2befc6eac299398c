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
    /// <summary>The exception as the ports tell it: a refusal, or the failure as it is.</summary>
    public static Exception Translate(Exception exception) => exception is SqliteException { SqliteErrorCode: var code }
        ? code switch
        {
            raw.SQLITE_TOOBIG => new EngineRefusedException("A value is larger than SQLite takes", exception),
            raw.SQLITE_MISMATCH => new EngineRefusedException("A value has another type than its column", exception),
            _ => exception,
        }
        : exception;
}
