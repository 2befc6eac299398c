using Cassandra;
using Chat.Core.Idempotency;
using Chat.Tests.Compliance.Store;

namespace Chat.Tests.Compliance;

/// <summary>When an idempotency key takes a lightweight transaction: its record is in the row's columns then.</summary>
[Collection(CassandraCollection.Name)]
public sealed class CassandraKeyTests(CassandraServer server) : IAsyncLifetime
{
    private const string Where = "WHERE organization_id = ? AND user_id = ? AND idempotency_key = ?";

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly IdempotencyKey _key = new(Guid.NewGuid(), Guid.NewGuid(), "key");
    private IIdempotencyStore _keys = null!;
    private ISession _session = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _keys = StorePorts.From((await server.SharedHostAsync()).Services).IdempotencyKeys;
        _session = await server.ConnectAsync(server.SharedKeyspace);
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is not null) await _session.Cluster.ShutdownAsync();
    }

    [Fact]
    public async Task Claims_one_after_the_other_take_none()
    {
        var first = NewRecord();

        Assert.Equal(first, await ClaimAsync(first));
        for (var i = 0; i < 3; i++) Assert.Equal(first, await ClaimAsync(NewRecord()));

        Assert.Null(await DecidedAsync());
    }

    [Fact]
    public async Task Claim_after_one_that_ended_halfway_takes_one()
    {
        await ExecuteAsync($"UPDATE idempotency_keys USING TIMESTAMP 1 SET came = came + {{{Guid.NewGuid()}}} {Where}");
        var record = NewRecord();

        Assert.Equal(record, await ClaimAsync(record));

        Assert.Equal(record.MessageId, await DecidedAsync());
        Assert.Equal(record, await ClaimAsync(NewRecord()));
    }

    [Fact]
    public async Task Key_that_an_earlier_version_claimed_is_its_records()
    {
        var record = NewRecord();
        await ExecuteAsync(
            """
            INSERT INTO idempotency_keys (organization_id, user_id, idempotency_key, message_id, body_hash, created_at)
            VALUES (?, ?, ?, ?, ?, ?) IF NOT EXISTS USING TTL 90000
            """,
            record.MessageId,
            record.BodyHash,
            record.CreatedAt);

        Assert.Equal(record, await ClaimAsync(NewRecord()));
    }

    [Fact]
    public async Task Key_whose_row_was_deleted_is_anothers_from_then_on()
    {
        await ClaimAsync(NewRecord());
        await ExecuteAsync($"DELETE FROM idempotency_keys {Where} IF message_id = NULL");
        var record = NewRecord();

        Assert.Equal(record, await ClaimAsync(record));
        Assert.Equal(record, await ClaimAsync(NewRecord()));
    }

    private ValueTask<IdempotencyRecord> ClaimAsync(IdempotencyRecord record) =>
        _keys.ClaimIdempotencyKeyAsync(_key, record, Day, Cancellation);

    private async Task<Guid?> DecidedAsync() =>
        (await ExecuteAsync($"SELECT message_id FROM idempotency_keys {Where}")).Single().GetValue<Guid?>(0);

    /// <param name="more">After the key's three values.</param>
    private Task<RowSet> ExecuteAsync(string cql, params object[] more) =>
        _session.ExecuteAsync(new SimpleStatement(cql, [_key.OrganizationId, _key.UserId, _key.Key, .. more]));

    private static IdempotencyRecord NewRecord() => new(
        Guid.NewGuid(), "hash", DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()));
}
