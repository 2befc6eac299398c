using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Chat.Engines.Embedded.Sqlite;

/// <summary>
/// A prepared statement that is bound, stepped and reset again and again. Straight on SQLite's own calls: Microsoft.Data.Sqlite makes a
/// reader and boxes each parameter at every execution, which costs more than the statements of the hot path do.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(sqlite3 database, string sql)
    {
        _database = database;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement), database);
    }

    // --- Parameters, from 1 ---

    public SqliteStatement Bind(int parameter, long value) => Checked(raw.sqlite3_bind_int64(_statement, parameter, value));

    public SqliteStatement Bind(int parameter, long? value) => value is { } v ? Bind(parameter, v) : BindNull(parameter);

    public SqliteStatement Bind(int parameter, DateTimeOffset value) => Bind(parameter, value.ToUnixTimeMilliseconds());

    public SqliteStatement Bind(int parameter, DateTimeOffset? value) =>
        value is { } v ? Bind(parameter, v.ToUnixTimeMilliseconds()) : BindNull(parameter);

    /// <summary>16 bytes, big-endian, so that UUIDv7 sort by their time.</summary>
    public SqliteStatement Bind(int parameter, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return Checked(raw.sqlite3_bind_blob(_statement, parameter, bytes));
    }

    public SqliteStatement Bind(int parameter, string? value)
    {
        if (value is null) return BindNull(parameter);
        const int small = 512;
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        var bytes = most <= small ? stackalloc byte[small] : new byte[most];
        return BindText(parameter, bytes[..Encoding.UTF8.GetBytes(value, bytes)]);
    }

    /// <summary>Text that is UTF-8 already.</summary>
    public SqliteStatement BindText(int parameter, ReadOnlySpan<byte> utf8) =>
        // A span of nothing has no address, and SQLite takes that for null.
        Checked(utf8.IsEmpty ? raw.sqlite3_bind_text(_statement, parameter, "") : raw.sqlite3_bind_text(_statement, parameter, utf8));

    public SqliteStatement BindBlob(int parameter, ReadOnlySpan<byte> value) =>
        Checked(value.IsEmpty ? raw.sqlite3_bind_zeroblob(_statement, parameter, 0) : raw.sqlite3_bind_blob(_statement, parameter, value));

    public SqliteStatement BindNull(int parameter) => Checked(raw.sqlite3_bind_null(_statement, parameter));

    // --- Running ---

    /// <summary>Runs to the end, whatever rows there are.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    /// <summary>Whether there is a row.</summary>
    public bool Any()
    {
        if (!Step()) return false;
        Reset();
        return true;
    }

    /// <summary>The first row; null, or what its type has in place of it, where there is none.</summary>
    /// <param name="read">May run other statements, and not this one.</param>
    public T? First<T>(Func<SqliteStatement, T> read)
    {
        if (!Step()) return default;
        try
        {
            return read(this);
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>The row that is there for certain.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    /// <inheritdoc cref="First"/>
    public T Single<T>(Func<SqliteStatement, T> read)
    {
        if (!Step()) throw new InvalidOperationException("The statement has no row.");
        try
        {
            return read(this);
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>All rows.</summary>
    /// <inheritdoc cref="First"/>
    public List<T> List<T>(Func<SqliteStatement, T> read)
    {
        var rows = new List<T>();
        try
        {
            while (Step()) rows.Add(read(this));
        }
        catch
        {
            Reset();
            throw;
        }
        return rows;
    }

    /// <summary>The next row; false, and reset, where there is none.</summary>
    private bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result == raw.SQLITE_ROW) return true;
        if (result != raw.SQLITE_DONE)
        {
            // Resetting says the same error again; the first one has the message.
            var error = Error(result);
            raw.sqlite3_reset(_statement);
            throw error;
        }
        raw.sqlite3_reset(_statement);
        return false;
    }

    // A statement that is not reset keeps its snapshot open: so no caller steps through the rows itself.
    private void Reset() => raw.sqlite3_reset(_statement);

    // --- Columns, from 0 ---

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public int Int32(int column) => raw.sqlite3_column_int(_statement, column);

    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(Int64(column));

    public Guid Uuid(int column) => new(Bytes(column), bigEndian: true);

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>The bytes of a blob or of text, until the next step or reset.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    public void Dispose() => _statement.Dispose();

    private SqliteStatement Checked(int result) => result == raw.SQLITE_OK ? this : throw Error(result);

    private SqliteException Error(int result) => new(
        $"SQLite Error {result}: '{raw.sqlite3_errmsg(_database).utf8_to_string()}'.", result, raw.sqlite3_extended_errcode(_database));
}
