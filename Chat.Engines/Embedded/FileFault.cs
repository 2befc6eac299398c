using Chat.Core;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Chat.Engines.Embedded;

/// <summary>What is wrong with a file or a folder of the embedded engines, in the words of the people who run the program.</summary>
/// <param name="Cause">A few words.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record FileFault(string Cause, string Remedy)
{
    public static FileFault NoFolder { get; } = new("a file, and no folder", "Move it away");

    public static FileFault NoFile { get; } = new("a folder, and no file", "Move it away");

    private static readonly FileFault Full = new("disk full", "Make room on that disk");
    private static readonly FileFault ReadOnly = new("read-only", "Let this user write there");
    private static readonly FileFault InUse = new("in use by another process", "Stop that one");
    private static readonly FileFault Damaged = new("a damaged file, or no database", "Put a backup in its place");

    /// <summary>Whether it is of a file or a folder.</summary>
    public static bool IsOne(Exception exception) => exception is SqliteException or IOException or UnauthorizedAccessException;

    public static FileFault Of(Exception exception) => exception switch
    {
        SqliteException sqlite => OfSqlite(sqlite),
        UnauthorizedAccessException => ReadOnly,
        IOException io => OfSystem(io),
        _ => Other(exception.GetType().Name),
    };

    public StartUpException At(string path, Exception? inner = null) => new(
        $"{path}: {Cause}. {Remedy}, or name another folder by the setting {EmbeddedOptions.DataFolderSetting}.", inner);

    private static FileFault OfSqlite(SqliteException exception) => exception.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => Full,
        // The memory that readers and the writer share is a file, which a full disk has no room for.
        raw.SQLITE_IOERR when exception.SqliteExtendedErrorCode == raw.SQLITE_IOERR_SHMSIZE => Full,
        raw.SQLITE_IOERR => Other($"disk error {exception.SqliteExtendedErrorCode}"),
        raw.SQLITE_READONLY or raw.SQLITE_PERM => ReadOnly,
        raw.SQLITE_CANTOPEN => Other("a file that can't be opened"),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => Damaged,
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => InUse,
        var code => Other($"SQLite error {code}"),
    };

    // .NET has one exception for all of these; the system's own number tells them apart.
    private static FileFault OfSystem(IOException exception) => (exception.HResult & 0xFFFF, OperatingSystem.IsWindows()) switch
    {
        // ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL; ENOSPC.
        (112 or 39, true) or (28, false) => Full,
        // ERROR_WRITE_PROTECT; EROFS.
        (19, true) or (30, false) => ReadOnly,
        // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION; EWOULDBLOCK of Linux, and of macOS.
        (32 or 33, true) or (11 or 35, false) => InUse,
        _ => Other(exception.Message.TrimEnd('.')),
    };

    private static FileFault Other(string cause) => new(cause, "Repair it");
}
