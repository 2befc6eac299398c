using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.LoadTest.InProcess;
using Microsoft.Data.Sqlite;

namespace Chat.LoadTest.Status;

/// <summary>
/// The floor of the store: the rows that statuses make, written by Microsoft.Data.Sqlite as its documentation says, with prepared commands
/// and one transaction a batch, and nothing beside.
/// </summary>
internal sealed class RowsAlone : IDisposable
{
    private const string Tables =
        """
        PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000;
        CREATE TABLE timeline (message_id BLOB, conversation_id BLOB, seq INTEGER, kind INTEGER, at INTEGER, reason TEXT, channel TEXT,
            reported_at INTEGER, appended_at INTEGER, joins INTEGER, PRIMARY KEY (message_id, conversation_id, seq)) WITHOUT ROWID;
        CREATE TABLE facts (message_id BLOB, conversation_id BLOB, sent_at INTEGER, sent_seq INTEGER, delivered_at INTEGER,
            delivered_seq INTEGER, read_at INTEGER, read_seq INTEGER, PRIMARY KEY (message_id, conversation_id)) WITHOUT ROWID;
        CREATE TABLE changes (conversation_id BLOB, seq INTEGER, message_id BLOB, status INTEGER, channel TEXT, at INTEGER, reason TEXT,
            appended_at INTEGER, PRIMARY KEY (conversation_id, seq)) WITHOUT ROWID;
        CREATE TABLE heads (conversation_id BLOB PRIMARY KEY, head INTEGER) WITHOUT ROWID;
        """;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _timeline, _change, _head;
    private readonly Dictionary<StatusKind, SqliteCommand> _facts;
    private long _seq;

    public RowsAlone(string folder)
    {
        _connection = new($"Data Source={Path.Combine(folder, "rows.db")}");
        _connection.Open();
        using (var tables = _connection.CreateCommand())
        {
            tables.CommandText = Tables;
            tables.ExecuteNonQuery();
        }
        _timeline = Prepare("INSERT INTO timeline VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING", 10);
        _change = Prepare("INSERT INTO changes VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING", 8);
        _head = Prepare("INSERT INTO heads VALUES ($1, $2) ON CONFLICT DO UPDATE SET head = $2 WHERE $2 > head", 2);
        _facts = Samples.ToRead.ToDictionary(k => k, k =>
        {
            var fact = StatusNames.Field(k);
            return Prepare(
                $"""
                INSERT INTO facts (message_id, conversation_id, {fact}_at, {fact}_seq) VALUES ($1, $2, $3, $4)
                ON CONFLICT DO UPDATE SET {fact}_at = $3, {fact}_seq = $4
                WHERE {fact}_at IS NULL OR $3 < {fact}_at OR ($3 = {fact}_at AND $4 < {fact}_seq)
                """,
                4);
        });
    }

    /// <summary>One transaction of a batch's rows.</summary>
    public void Write(IReadOnlyList<(Message Message, StatusKind Kind)> batch)
    {
        using var transaction = _connection.BeginTransaction();
        var heads = new Dictionary<Guid, long>();
        foreach (var (message, kind) in batch)
        {
            var (id, conversation) = (message.MessageId.ToByteArray(bigEndian: true), message.ConversationId.ToByteArray(bigEndian: true));
            var (seq, at) = (++_seq, message.CreatedAt.ToUnixTimeMilliseconds());
            Run(_timeline, transaction, id, conversation, seq, (long)kind, at, null, message.Channel, at, at, null);
            Run(_facts[kind], transaction, id, conversation, at, seq);
            Run(_change, transaction, conversation, seq, id, (long)kind, message.Channel, at, null, at);
            heads[message.ConversationId] = seq;
        }
        foreach (var (conversation, head) in heads) Run(_head, transaction, conversation.ToByteArray(bigEndian: true), head);
        transaction.Commit();
    }

    public void Dispose()
    {
        foreach (var command in (IEnumerable<SqliteCommand>)[_timeline, _change, _head, .. _facts.Values]) command.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand Prepare(string sql, int parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 1; i <= parameters; i++) command.Parameters.AddWithValue($"${i}", DBNull.Value);
        command.Prepare();
        return command;
    }

    private static void Run(SqliteCommand command, SqliteTransaction transaction, params ReadOnlySpan<object?> values)
    {
        command.Transaction = transaction;
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        command.ExecuteNonQuery();
    }
}
