using System.Text;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Tests.Engines;

/// <summary>A statement that is used again has what was bound last, whether that was bound again or left as it was.</summary>
public sealed class SqliteStatementTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("chat-sqlite-").FullName;
    private readonly SqliteSession _session;

    public SqliteStatementTests() => _session = SqliteSession.Open(Path.Combine(_folder, "test.db"), readOnly: false);

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What "acknowledged" and "erased" promise, and only a loss of power, or a look into the file, would show.</summary>
    [Theory]
    [InlineData("synchronous", "2")]
    [InlineData("journal_mode", "wal")]
    [InlineData("secure_delete", "1")]
    public void A_commit_that_returned_is_on_disk_and_what_is_deleted_is_overwritten(string pragma, string value)
    {
        using var statement = _session.Prepare($"SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}");

        Assert.Equal(value, statement.Single(s => s.Text(0)));
    }

    [Fact]
    public void Each_run_sees_what_was_bound_last()
    {
        var id = Guid.Parse("01938a5e-0000-7000-8000-000000000001");
        var hex = id.ToString("N").ToUpperInvariant();
        var text = new string('é', 400);
        (Action<SqliteStatement> Bind, string Seen)[] runs =
        [
            (_ => { }, "null NULL"),
            (s => s.Bind(1, 5L), "integer 5"),
            (s => s.Bind(1, 5L), "integer 5"),
            (_ => { }, "integer 5"),
            (s => s.Bind(1, 6L), "integer 6"),
            (s => s.Bind(1, id), $"blob X'{hex}'"),
            (s => s.Bind(1, id), $"blob X'{hex}'"),
            (s => s.Bind(1, Guid.Empty), $"blob X'{new string('0', 32)}'"),
            (s => s.Bind(1, "a"), "text 'a'"),
            (s => s.BindText(1, "b"u8), "text 'b'"),
            (s => s.Bind(1, "a"), "text 'a'"),
            (s => s.Bind(1, new string('a', 1)), "text 'a'"),
            (s => s.Bind(1, text), $"text '{text}'"),
            (s => s.Bind(1, text), $"text '{text}'"),
            (s => s.BindBlob(1, [1, 2]), "blob X'0102'"),
            (s => s.BindBlob(1, []), "blob X''"),
            (s => s.BindText(1, []), "text ''"),
            (s => s.Bind(1, ""), "text ''"),
            (s => s.BindNull(1), "null NULL"),
            (s => s.Bind(1, (string?)null), "null NULL"),
            (s => s.Bind(1, DateTimeOffset.UnixEpoch.AddMilliseconds(7)), "integer 7"),
            (s => s.Bind(1, (DateTimeOffset?)null), "null NULL"),
        ];
        var statement = _session["SELECT typeof(?1) || ' ' || quote(?1)"];
        foreach (var (bind, seen) in runs)
        {
            bind(statement);
            Assert.Equal(seen, statement.Single(row => row.Text(0)));
        }
    }

    [Fact]
    public void Columns_are_read_as_they_are()
    {
        var statement = _session["SELECT ?1, ?2, ?3, ?4, ?5"];
        statement.Bind(1, long.MinValue).Bind(2, "ação").BindBlob(3, [0, 255]).BindNull(4).BindBlob(5, []);

        var (number, text, bytes, isNull, empty) = statement.Single(
            row => (row.Int64(0), row.Text(1), row.Bytes(2).ToArray(), row.IsNull(3), row.Bytes(4).Length));

        Assert.Equal((long.MinValue, "ação", true, 0), (number, text, isNull, empty));
        Assert.Equal([0, 255], bytes);
        Assert.Equal(6, Encoding.UTF8.GetByteCount(text));
    }

    [Fact]
    public void A_statement_of_the_same_text_is_the_same_whichever_string_has_it()
    {
        const string sql = "SELECT 1";
        var first = _session[sql];

        Assert.Same(first, _session[sql]);
        Assert.Same(first, _session[new string(sql)]);
        // Texts whose references fall on one place.
        for (var i = 0; i < 300; i++) Assert.Equal(i, _session[$"SELECT {i}"].Single(row => row.Int32(0)));
        Assert.Same(first, _session[sql]);
    }

    [Fact]
    public void A_failure_has_SQLites_number_and_message_and_the_statement_works_again()
    {
        _session.Execute("CREATE TABLE t (a INTEGER NOT NULL)");
        var insert = _session["INSERT INTO t (a) VALUES (?1)"];

        var exception = Assert.Throws<Microsoft.Data.Sqlite.SqliteException>(() => insert.BindNull(1).Run());
        insert.Bind(1, 3L).Run();

        Assert.Equal(19, exception.SqliteErrorCode);
        Assert.Contains("NOT NULL", exception.Message, StringComparison.Ordinal);
        Assert.Equal(3, _session["SELECT a FROM t"].Single(row => row.Int64(0)));
    }
}
