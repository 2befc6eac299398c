using System.Runtime.CompilerServices;
using Chat.Core.Files;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Chat.Engines.Embedded.Sqlite;

/// <summary>A connection with its prepared statements. For one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private static readonly Lazy<bool> Configured = new(Configure);

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteStatement> _statements = [];
    // By reference: to hash a text of SQL takes as long as some statements do, and most are constants.
    private readonly (string? Sql, SqliteStatement? Statement)[] _recent = new (string?, SqliteStatement?)[64];
    private readonly sqlite3 _database;

    private SqliteSession(SqliteConnection connection)
    {
        _connection = connection;
        _database = connection.Handle!;
    }

    /// <summary>
    /// Opens a database file. Write-ahead log with <c>synchronous=FULL</c>: a commit that returned is on disk.
    /// </summary>
    public static SqliteSession Open(string path, bool readOnly)
    {
        _ = Configured.Value;
        // SQLite takes an empty file for a new database, and gives the files that it writes beside it the same rights.
        if (!readOnly) PrivateFiles.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            var session = new SqliteSession(connection);
            // Maps the file, so that a reader, whose cache is void after each write, finds pages without copying them.
            session.Execute("PRAGMA mmap_size = 4294967296; PRAGMA busy_timeout = 10000; PRAGMA temp_store = MEMORY;");
            session.Execute(readOnly
                ? "PRAGMA cache_size = -8192;"
                : "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; "
                    // What is deleted is overwritten.
                    + "PRAGMA secure_delete = ON; "
                    + "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;");
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The statement of this text, prepared once.</summary>
    public SqliteStatement this[string sql]
    {
        get
        {
            ref var recent = ref _recent[RuntimeHelpers.GetHashCode(sql) % _recent.Length];
            if (ReferenceEquals(recent.Sql, sql)) return recent.Statement!;
            if (!_statements.TryGetValue(sql, out var statement)) _statements[sql] = statement = Prepare(sql);
            recent = (sql, statement);
            return statement;
        }
    }

    /// <summary>A statement for one use.</summary>
    public SqliteStatement Prepare(string sql) => new(_database, sql);

    public bool InTransaction => raw.sqlite3_get_autocommit(_database) == 0;

    /// <summary>Rows that the last statement inserted, updated or deleted.</summary>
    public int Changes => raw.sqlite3_changes(_database);

    /// <summary>Runs statements that are not worth keeping.</summary>
    public void Execute(string sql)
    {
        var result = raw.sqlite3_exec(_database, sql);
        SqliteException.ThrowExceptionForRC(result, _database);
    }

    /// <summary>Reads as of one moment.</summary>
    public T Snapshot<T>(Func<SqliteSession, T> read)
    {
        this["BEGIN"].Run();
        try
        {
            return read(this);
        }
        finally
        {
            this["COMMIT"].Run();
        }
    }

    /// <summary>
    /// Before the process' first connection; where that is not ours, SQLite refuses, and works with its locks. Each session is used by one
    /// thread at a time, so its calls need none, and nobody asks how much memory SQLite has.
    /// </summary>
    private static bool Configure()
    {
        Batteries_V2.Init();
        return raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD) == raw.SQLITE_OK
            & raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0) == raw.SQLITE_OK;
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        _connection.Dispose();
    }
}
