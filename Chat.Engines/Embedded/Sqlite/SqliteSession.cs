using Chat.Core.Files;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Chat.Engines.Embedded.Sqlite;

/// <summary>A connection with its prepared statements. For one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteStatement> _statements = [];
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
            if (_statements.TryGetValue(sql, out var statement)) return statement;
            return _statements[sql] = Prepare(sql);
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

    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        _connection.Dispose();
    }
}
