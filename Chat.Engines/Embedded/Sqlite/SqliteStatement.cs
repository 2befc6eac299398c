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
    // A longer text is not worth keeping for the case that it comes again.
    private const int LongestKept = 32;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly nint _handle;
    private readonly Bound[] _bound;

    public SqliteStatement(sqlite3 database, string sql)
    {
        _database = database;
        var result = raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement);
        SqliteException.ThrowExceptionForRC(result, database);
        _handle = _statement.DangerousGetHandle();
        _bound = new Bound[raw.sqlite3_bind_parameter_count(_statement)];
    }

    // --- Parameters, from 1: a reset leaves them as they are, so that what is bound again as it was costs nothing ---

    public SqliteStatement Bind(int parameter, long value)
    {
        ref var bound = ref _bound[parameter - 1];
        if (bound.Kind == BoundKind.Number && bound.Number == value) return this;
        return Check(SqliteCalls.BindInt64(_handle, parameter, value), ref bound, new(BoundKind.Number, Number: value));
    }

    public SqliteStatement Bind(int parameter, long? value) => value is { } v ? Bind(parameter, v) : BindNull(parameter);

    public SqliteStatement Bind(int parameter, DateTimeOffset value) => Bind(parameter, value.ToUnixTimeMilliseconds());

    public SqliteStatement Bind(int parameter, DateTimeOffset? value) =>
        value is { } v ? Bind(parameter, v.ToUnixTimeMilliseconds()) : BindNull(parameter);

    /// <summary>16 bytes, big-endian, so that UUIDv7 sort by their time.</summary>
    public SqliteStatement Bind(int parameter, Guid value)
    {
        ref var bound = ref _bound[parameter - 1];
        if (bound.Kind == BoundKind.Id && bound.Id == value) return this;
        return Check(SqliteCalls.BindId(_handle, parameter, value), ref bound, new(BoundKind.Id, Id: value));
    }

    public SqliteStatement Bind(int parameter, string? value)
    {
        if (value is null) return BindNull(parameter);
        ref var bound = ref _bound[parameter - 1];
        if (bound.Kind == BoundKind.Text && bound.Text == value) return this;
        const int small = 512;
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        var bytes = most <= small ? stackalloc byte[small] : new byte[most];
        BindText(parameter, bytes[..Encoding.UTF8.GetBytes(value, bytes)]);
        if (value.Length <= LongestKept) bound = new(BoundKind.Text, Text: value);
        return this;
    }

    /// <summary>Text that is UTF-8 already.</summary>
    public SqliteStatement BindText(int parameter, ReadOnlySpan<byte> utf8)
    {
        // A span of nothing has no address, and SQLite takes that for null.
        var result = utf8.IsEmpty
            ? raw.sqlite3_bind_text(_statement, parameter, "")
            : SqliteCalls.BindText(_handle, parameter, utf8);
        return Check(result, ref _bound[parameter - 1], default);
    }

    public SqliteStatement BindBlob(int parameter, ReadOnlySpan<byte> value)
    {
        var result = value.IsEmpty
            ? SqliteCalls.BindZeros(_handle, parameter, 0)
            : SqliteCalls.BindBlob(_handle, parameter, value);
        return Check(result, ref _bound[parameter - 1], default);
    }

    public SqliteStatement BindNull(int parameter)
    {
        ref var bound = ref _bound[parameter - 1];
        if (bound.Kind == BoundKind.Null) return this;
        return Check(SqliteCalls.BindNull(_handle, parameter), ref bound, new(BoundKind.Null));
    }

    private SqliteStatement Check(int result, ref Bound bound, in Bound value)
    {
        bound = result == raw.SQLITE_OK ? value : default;
        return result == raw.SQLITE_OK ? this : throw Error(result);
    }

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
        var result = SqliteCalls.Step(_handle);
        if (result == raw.SQLITE_ROW) return true;
        if (result != raw.SQLITE_DONE)
        {
            // Resetting says the same error again; the first one has the message.
            var error = Error(result);
            Reset();
            throw error;
        }
        Reset();
        return false;
    }

    // A statement that is not reset keeps its snapshot open: so no caller steps through the rows itself.
    // What it answers is the error of the step before, which was thrown then.
    private void Reset() => _ = SqliteCalls.Reset(_handle);

    // --- Columns, from 0 ---

    public bool IsNull(int column) => SqliteCalls.Type(_handle, column) == raw.SQLITE_NULL;

    public long Int64(int column) => SqliteCalls.Int64(_handle, column);

    public int Int32(int column) => unchecked((int)Int64(column));

    public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(Int64(column));

    public Guid Uuid(int column) => new(Bytes(column), bigEndian: true);

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>The bytes of a blob or of text, until the next step or reset.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => SqliteCalls.Bytes(_handle, column);

    public void Dispose() => _statement.Dispose();

    private SqliteException Error(int result) => new(
        $"SQLite Error {result}: '{raw.sqlite3_errmsg(_database).utf8_to_string()}'.", result, raw.sqlite3_extended_errcode(_database));

    private enum BoundKind
    {
        /// <summary>Something that is bound anew each time, or nobody knows what.</summary>
        Other,
        Null,
        Number,
        Id,
        Text,
    }

    private readonly record struct Bound(BoundKind Kind, long Number = 0, Guid Id = default, string? Text = null);
}
