using Cassandra;
using Chat.Core.Accounts;
using Chat.Core.Erasure;
using Chat.Core.Idempotency;
using Chat.Core.Ids;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Tests.Compliance.Store;

namespace Chat.Tests.Compliance;

/// <summary>
/// What was forgotten is more than the server reads through in one request (<c>tombstone_failure_threshold</c>, 100,000).
/// </summary>
[Collection(CassandraCollection.Name)]
public sealed class CassandraTombstoneTests(CassandraServer server) : IAsyncLifetime
{
    private const int Forgotten = 100_500;

    private const int BatchSize = 201;

    private const long BucketMilliseconds = 10 * 60 * 1000;

    private readonly AccountKey _account = new("whatsapp", "700800900");
    private readonly Guid _conversation = Guid.NewGuid();
    private readonly string _keyspace = server.NewKeyspace();
    private ISession _session = null!;
    private StorePorts _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static DateTimeOffset Now { get; } = DateTimeOffset.FromUnixTimeMilliseconds(
        DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());

    public async ValueTask InitializeAsync()
    {
        _store = StorePorts.From((await server.StartHostAsync(_keyspace)).Services);
        await _store.Changes.GetHeadsAsync([], Cancellation);
        _session = await server.ConnectAsync(_keyspace);
    }

    public async ValueTask DisposeAsync()
    {
        await _session.Cluster.ShutdownAsync();
        _session.Dispose();
    }

    [Fact]
    public async Task Held_messages_behind_very_many_that_were_put_back_are_listed_and_erased()
    {
        var start = Now.ToUnixTimeMilliseconds() / BucketMilliseconds * BucketMilliseconds;
        var bucket = (int)(start / BucketMilliseconds);
        HeldMessage[] held = [NewHeld(start), NewHeld(start + (BucketMilliseconds / 2)), NewHeld(start + BucketMilliseconds - 1)];
        await _store.Held.HoldAsync(held, Cancellation);
        await ForgetAsync(
            "DELETE FROM held_messages WHERE channel = ? AND account_id = ? AND bucket = ? AND message_id = ? AND hold_id = ?",
            i => [_account.Channel, _account.AccountId, bucket, IdAt(start + (i * BucketMilliseconds / Forgotten)), Guid.NewGuid()]);
        await Assert.ThrowsAsync<ReadFailureException>(
            () => _session.ExecuteAsync(new SimpleStatement("SELECT message_id FROM held_messages")));

        var first = await _store.Held.ListHeldAsync(_account, null, 2, Cancellation);
        var rest = await _store.Held.ListHeldAsync(_account, HeldPlace.Of(first[^1]), 2, Cancellation);

        Assert.Equal(held.Select(HeldPlace.Of), first.Concat(rest).Select(HeldPlace.Of));
        Assert.Equal(2, first.Count);
        var scope = new ErasureScope(Guid.NewGuid(), [_conversation]);
        await _store.Erasure.CollectAsync(scope, Cancellation);
        var rows = await _store.Erasure.EraseAsync(scope, dryRun: false, Cancellation);
        Assert.Equal(3, rows.Single(r => r.Table == "held_messages").Count);
        Assert.Empty(await _store.Held.ListHeldAsync(_account, null, 2, Cancellation));
    }

    [Fact]
    public async Task Accounts_that_hold_anything_are_found_among_very_many_buckets_that_were_forgotten()
    {
        await _store.Held.HoldAsync([NewHeld(Now.ToUnixTimeMilliseconds())], Cancellation);
        await ForgetAsync(
            "DELETE FROM held_buckets WHERE channel = ? AND account_id = ? AND bucket = ?",
            i => [_account.Channel, $"account {i / BatchSize}", i]);
        await Assert.ThrowsAsync<ReadFailureException>(
            () => _session.ExecuteAsync(new SimpleStatement("SELECT DISTINCT channel, account_id FROM held_buckets")));

        Assert.Equal([_account], await _store.Held.ListHeldAccountsAsync(_account.Channel, Cancellation));
    }

    [Fact]
    public async Task A_try_without_an_answer_is_listed_behind_very_many_of_its_minute_that_were_answered()
    {
        const long minute = 60 * 1000;
        var start = (Now.ToUnixTimeMilliseconds() / minute * minute) - (5 * minute);
        var open = new SendTry(
            Guid.NewGuid(), _conversation, _account, 1, Guid.NewGuid(), DateTimeOffset.FromUnixTimeMilliseconds(start + minute - 1));
        await _store.Sends.ClaimTryAsync(open, Cancellation);
        await ForgetAsync(
            "DELETE FROM open_send_tries WHERE channel = ? AND bucket = ? AND at = ? AND message_id = ? AND number = ?",
            i => [
                _account.Channel,
                (int)(start / minute),
                DateTimeOffset.FromUnixTimeMilliseconds(start + (i * minute / (Forgotten + 1000))),
                Guid.NewGuid(),
                1,
            ]);
        await Assert.ThrowsAsync<ReadFailureException>(
            () => _session.ExecuteAsync(new SimpleStatement("SELECT message_id FROM open_send_tries")));

        Assert.Equal(open, Assert.Single(await _store.Sends.ListOpenTriesAsync(_account.Channel, Now, 10, Cancellation)).Try);
        Assert.Empty(await _store.Sends.ListOpenTriesAsync(_account.Channel, open.At, 10, Cancellation));
    }

    [Fact]
    public async Task Changes_behind_very_many_that_are_gone_are_listed_and_erased()
    {
        StatusChange[] changes = [.. new[] { 1, 2 }.Select(i => new StatusChange(
            _conversation, Forgotten + i, IdAt(Now.ToUnixTimeMilliseconds()), MessageStatus.Sent, "whatsapp", Now, null, Now))];
        await _store.Statuses.AddChangesAsync(changes, Cancellation);
        await ForgetAsync("DELETE FROM status_changes WHERE conversation_id = ? AND seq = ?", i => [_conversation, i + 1L]);

        var page = await _store.Changes.ListChangesAsync(_conversation, 0, 1, Cancellation);
        var next = await _store.Changes.ListChangesAsync(_conversation, page.Changes.Single().Seq, 10, Cancellation);

        Assert.Equal(changes.Select(c => c.Seq), page.Changes.Concat(next.Changes).Select(c => c.Seq));
        var rows = await _store.Erasure.EraseAsync(new(Guid.NewGuid(), [_conversation]), dryRun: false, Cancellation);
        Assert.Equal(2, rows.Single(r => r.Table == "status_changes").Count);
    }

    [Fact]
    public async Task An_erasure_that_can_not_read_everything_deletes_nothing()
    {
        var key = new IdempotencyKey(Guid.NewGuid(), Guid.NewGuid(), "key");
        var record = new IdempotencyRecord(IdAt(Now.ToUnixTimeMilliseconds()), "hash", Now);
        await _store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, record, TimeSpan.FromDays(1), Cancellation);
        var parked = new ParkedStatus(MessageIds.Format(record.MessageId), 1, "{}"u8.ToArray(), Now);
        await _store.Parked.ParkAsync([parked], Cancellation);
        await _store.Held.HoldAsync([NewHeld(Now.ToUnixTimeMilliseconds())], Cancellation);
        var scope = new ErasureScope(key.OrganizationId, [_conversation]);
        scope.AddMessage(record.MessageId);
        // The last that is read.
        await _session.ExecuteAsync(new SimpleStatement("DROP TABLE status_changes"));

        await Assert.ThrowsAnyAsync<Exception>(async () => await _store.Erasure.EraseAsync(scope, dryRun: false, Cancellation));

        var other = record with { MessageId = Guid.NewGuid() };
        Assert.Equal(record, await _store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, other, TimeSpan.FromDays(1), Cancellation));
        Assert.Single(await _store.Parked.ListParkedAsync([parked.Subject], Cancellation));
        Assert.Single(await _store.Held.ListHeldAsync(_account, null, 2, Cancellation));
    }

    [Fact]
    public async Task Marks_of_what_was_forgotten_are_kept_for_3_hours_where_a_row_that_comes_back_does_no_harm()
    {
        var rows = await _session.ExecuteAsync(new SimpleStatement(
            "SELECT table_name, gc_grace_seconds FROM system_schema.tables WHERE keyspace_name = ?", _keyspace));
        var seconds = rows.ToDictionary(r => r.GetValue<string>(0), r => r.GetValue<int>(1));

        Assert.All(["held_buckets", "idempotency_keys"], table => Assert.Equal(10_800, seconds[table]));
        Assert.All(["held_messages", "parked_statuses", "status_changes"], table => Assert.Equal(864_000, seconds[table]));
    }

    /// <summary>Leaves that many marks: a deletion needs no row. Those of a batch are of one partition.</summary>
    private async Task ForgetAsync(string cql, Func<int, object[]> key)
    {
        var delete = await _session.PrepareAsync(cql);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Forgotten).Chunk(BatchSize),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation },
            async (numbers, _) =>
            {
                var batch = new BatchStatement().SetBatchType(BatchType.Unlogged);
                foreach (var number in numbers) batch.Add(delete.Bind(key(number)));
                await _session.ExecuteAsync(batch);
            });
    }

    private HeldMessage NewHeld(long milliseconds) => new(
        _account, IdAt(milliseconds), Guid.NewGuid(), _conversation, "", "{}"u8.ToArray(), Now.AddHours(1));

    private static Guid IdAt(long milliseconds) => Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
}
