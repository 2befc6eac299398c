using System.Text;
using Cassandra;
using Chat.Core.Accounts;
using Chat.Core.Ids;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Tests.Compliance.Store;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Compliance;

/// <summary>What this engine forgets, and what it says about it.</summary>
[Collection(CassandraCollection.Name)]
public sealed class CassandraRetentionTests(CassandraServer server) : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeMilliseconds(
        DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    private readonly FakeTimeProvider _time = new(Start);
    private readonly Guid _conversation = Guid.NewGuid();
    private readonly string _subject = $"whatsapp:{Guid.NewGuid()}";
    // A channel of the test's own, whose tables hold nothing else.
    private readonly AccountKey _account = new($"channel {Guid.NewGuid():N}", "700800900");
    private StorePorts _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // The tables are there before a clock that stands still waits for them.
        await server.SharedHostAsync();
        var host = await server.StartHostAsync(server.SharedKeyspace, _time);
        _store = StorePorts.From(host.Services);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_page_of_changes_is_complete_while_everything_after_the_number_is_younger_than_the_retention()
    {
        await _store.Statuses.AddChangesAsync([Change(10, Start), Change(11, Start.AddDays(3))], Cancellation);

        await AssertCompleteAsync(0, 9, 10, 11, 12);
        _time.Advance(TimeSpan.FromDays(7));
        await AssertCompleteAsync(0, 9, 10, 11, 12);

        // The first of all is out of the promise, which is rounded up to whole hours.
        await _store.Statuses.AddChangesAsync([Change(12, Start.AddDays(7))], Cancellation);
        _time.Advance(TimeSpan.FromHours(1));
        await AssertCompleteAsync(10, 11, 12);
        await AssertIncompleteAsync(0, 9);

        _time.Advance(TimeSpan.FromDays(3));
        await AssertCompleteAsync(11, 12);
        await AssertIncompleteAsync(0, 9, 10);

        _time.Advance(TimeSpan.FromDays(7));
        await AssertCompleteAsync(12, 13);
        await AssertIncompleteAsync(0, 11);
    }

    [Fact]
    public async Task Who_was_there_before_a_silence_longer_than_the_retention_has_missed_nothing_by_it()
    {
        await _store.Statuses.AddChangesAsync([Change(10, Start), Change(11, Start.AddHours(2))], Cancellation);
        _time.Advance(TimeSpan.FromDays(30));
        await AssertCompleteAsync(11);

        await _store.Statuses.AddChangesAsync([Change(12, Start.AddDays(30))], Cancellation);

        await AssertCompleteAsync(11, 12);
        await AssertIncompleteAsync(0, 10);
    }

    [Fact]
    public async Task Numbers_of_an_hour_that_a_clock_set_back_made_earlier_count_as_gone_with_it()
    {
        await _store.Statuses.AddChangesAsync(
            [Change(10, Start), Change(11, Start.AddHours(-1)), Change(12, Start.AddDays(8))], Cancellation);
        _time.Advance(TimeSpan.FromDays(8));

        await AssertCompleteAsync(11, 12);
        await AssertIncompleteAsync(0, 10);
    }

    [Fact]
    public async Task A_conversation_of_the_version_before_is_complete_as_far_as_its_first_change_and_its_rows_tell()
    {
        using var session = await server.ConnectAsync(server.SharedKeyspace);
        await session.ExecuteAsync(new SimpleStatement(
            "UPDATE conversation_heads USING TIMESTAMP 11 SET head = 11 WHERE conversation_id = ?", _conversation));
        await session.ExecuteAsync(new SimpleStatement(
            "UPDATE conversation_heads USING TIMESTAMP 9007199254740981 SET first = ? WHERE conversation_id = ?",
            Tuple.Create(10L, Start),
            _conversation));
        await AssertCompleteAsync(0, 10, 11);

        _time.Advance(TimeSpan.FromDays(8));
        await AssertIncompleteAsync(0, 9, 10);
        await AssertCompleteAsync(11);
        await session.Cluster.ShutdownAsync();
    }

    [Fact]
    public async Task A_conversation_whose_head_an_operator_deleted_goes_on()
    {
        await _store.Statuses.AddChangesAsync([Change(10, Start), Change(11, Start)], Cancellation);
        using var session = await server.ConnectAsync(server.SharedKeyspace);
        foreach (var table in new[] { "conversation_heads", "conversation_hours" })
        {
            await session.ExecuteAsync(new SimpleStatement($"DELETE FROM {table} WHERE conversation_id = ?", _conversation));
            Assert.Empty(await session.ExecuteAsync(
                new SimpleStatement($"SELECT * FROM {table} WHERE conversation_id = ?", _conversation)));
        }

        await AssertHeadAsync(11);
        await _store.Statuses.AddChangesAsync([Change(12, Start)], Cancellation);
        await AssertHeadAsync(12);
        await session.Cluster.ShutdownAsync();

        async Task AssertHeadAsync(long head)
        {
            Assert.Equal(head, (await _store.Changes.ListChangesAsync(_conversation, 0, 10, Cancellation)).Head);
            Assert.Equal(head, (await _store.Messages.ListMessagesAsync(_conversation, null, 10, Cancellation)).Seq);
            Assert.Equal(head, (await _store.Changes.GetHeadsAsync([_conversation], Cancellation))[_conversation]);
            await AssertCompleteAsync(0, head);
        }
    }

    [Fact]
    public async Task A_change_expires_by_the_time_of_its_event_however_often_it_is_written()
    {
        await _store.Statuses.AddChangesAsync([Change(10, Start)], Cancellation);
        _time.Advance(TimeSpan.FromDays(5));
        await _store.Statuses.AddChangesAsync([Change(10, Start), Change(11, Start)], Cancellation);

        using var session = await server.ConnectAsync(server.SharedKeyspace);
        var rows = await session.ExecuteAsync(new SimpleStatement(
            "SELECT seq, TTL(change), WRITETIME(change) FROM status_changes WHERE conversation_id = ?", _conversation));
        var byNumber = rows.ToDictionary(r => r.GetValue<long>(0), r => (Left: r.GetValue<int>(1), Written: r.GetValue<long>(2)));
        var hour = (int)TimeSpan.FromHours(1).TotalSeconds;
        var day = 24 * hour;
        Assert.InRange(byNumber[11].Left, (2 * day) + (2 * hour) - 120, (2 * day) + (2 * hour));
        Assert.Equal(Start.ToUnixTimeMilliseconds() * 1000, byNumber[10].Written);
        Assert.Equal(Start.ToUnixTimeMilliseconds() * 1000, byNumber[11].Written);
        await session.Cluster.ShutdownAsync();
    }

    [Fact]
    public async Task An_event_that_comes_after_the_retention_can_still_be_read_once_and_is_not_promised()
    {
        await _store.Statuses.AddChangesAsync([Change(10, Start.AddDays(-30)), Change(11, Start.AddDays(-29))], Cancellation);

        var page = await _store.Changes.ListChangesAsync(_conversation, 0, 10, Cancellation);

        Assert.Equal([10L, 11], page.Changes.Select(c => c.Seq));
        Assert.Equal(11, page.Head);
        Assert.False(page.Complete);
    }

    [Fact]
    public async Task A_redelivered_change_with_a_later_status_is_never_mixed_with_the_first()
    {
        var failed = Change(10, Start) with { Status = MessageStatus.Failed, Reason = "bloqueado", At = Start };
        var delivered = failed with { Status = MessageStatus.Delivered, Reason = null, At = Start.AddSeconds(9) };

        await _store.Statuses.AddChangesAsync([failed], Cancellation);
        await _store.Statuses.AddChangesAsync([delivered], Cancellation);

        var change = Assert.Single((await _store.Changes.ListChangesAsync(_conversation, 0, 10, Cancellation)).Changes);
        Assert.True(change == failed || change == delivered, $"{change}");
    }

    [Fact]
    public async Task A_bucket_of_parked_statuses_is_forgotten_once_it_is_empty_and_comes_back_with_the_next()
    {
        // A bucket that no other test parks in.
        var first = new ParkedStatus(_subject, 1, "{}"u8.ToArray(), Start.AddYears(-10));
        await _store.Parked.ParkAsync([first], Cancellation);
        await _store.Parked.UnparkAsync([first], Cancellation);
        using var session = await server.ConnectAsync(server.SharedKeyspace);

        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.Empty(await ParkedAsync());
        await TidyAsync();
        Assert.Equal(1, await CountBucketsAsync());

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(await ParkedAsync());
        await TidyAsync();
        Assert.Equal(0, await CountBucketsAsync());

        // Late, into the same bucket.
        var second = first with { Seq = 2 };
        await _store.Parked.ParkAsync([second], Cancellation);
        Assert.Equal(2, Assert.Single(await ParkedAsync()).Seq);
        await session.Cluster.ShutdownAsync();

        async Task TidyAsync() => await _store.Parked.TidyParkedAsync(ParkedPlace.Before(Start.AddYears(-9)), Cancellation);

        async Task<int> CountBucketsAsync() =>
            (await session.ExecuteAsync(new SimpleStatement(
                "SELECT bucket FROM parked_buckets WHERE part = 0 AND bucket = ?", Bucket(first.AppendedAt)))).Count();

        static int Bucket(DateTimeOffset time) => (int)(time.ToUnixTimeSeconds() / 600);
    }

    [Fact]
    public async Task Nobody_reads_again_through_what_was_given_up_however_much_it_was()
    {
        const int count = 6_000;
        // All in one bucket that no other test parks in, which is not over at the time of the sweep.
        var (from, before) = (Start.AddYears(-20), Start.AddYears(-20).AddMinutes(5));
        from = DateTimeOffset.FromUnixTimeSeconds(from.ToUnixTimeSeconds() / 600 * 600);
        before = from.AddMinutes(5);
        await _store.Parked.ParkAsync(
            [.. Enumerable.Range(0, count).Select(i => new ParkedStatus($"{_subject}{i}", i, "{}"u8.ToArray(), from.AddMilliseconds(i)))],
            Cancellation);
        // Behind the others in the same bucket: waits for longer.
        var later = new ParkedStatus(_subject, count, "{}"u8.ToArray(), before.AddMinutes(1));
        await _store.Parked.ParkAsync([later], Cancellation);
        _time.Advance(TimeSpan.FromHours(2));

        Assert.Equal(count, await SweepAsync());
        using var session = await server.ConnectAsync(server.SharedKeyspace);
        var statement = new SimpleStatement(
            "SELECT * FROM parked_by_time WHERE bucket = ?", (int)(from.ToUnixTimeSeconds() / 600));
        statement.EnableTracing();
        var rows = await session.ExecuteAsync(statement);

        Assert.Equal(_subject, Assert.Single(rows).GetValue<string>("subject"));
        Assert.InRange(TombstonesIn(await rows.Info.GetQueryTraceAsync()), 0, 100);
        Assert.Equal(0, await SweepAsync());
        Assert.Equal(later.Seq, Assert.Single(await _store.Parked.ListParkedAsync([_subject], Cancellation)).Seq);
        await session.Cluster.ShutdownAsync();

        // As the sweeper does.
        async Task<int> SweepAsync()
        {
            var swept = 0;
            ParkedPage? page = null;
            do
            {
                page = await _store.Parked.ListParkedBeforeAsync(before, page?.Through, 500, Cancellation);
                await _store.Parked.UnparkAsync(page.Statuses, Cancellation);
                await _store.Parked.TidyParkedAsync(page.Through, Cancellation);
                swept += page.Statuses.Count(s => s.Subject.StartsWith(_subject, StringComparison.Ordinal));
            }
            while (!page.IsLast);
            return swept;
        }
    }

    [Fact]
    public async Task A_released_status_does_not_wait_again_when_its_event_is_delivered_once_more()
    {
        var status = new ParkedStatus(_subject, 1, Encoding.UTF8.GetBytes("{}"), Start);
        await _store.Parked.ParkAsync([status], Cancellation);
        await _store.Parked.UnparkAsync([status], Cancellation);

        await _store.Parked.ParkAsync([status], Cancellation);

        Assert.Empty(await _store.Parked.ListParkedAsync([status.Subject], Cancellation));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await ParkedAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("30.00:00:00")]
    public async Task Rows_of_a_message_live_as_long_as_it_is_kept_and_its_facts_for_good(string? kept)
    {
        (string, string)[] settings = kept is null ? [] : [("Retention:Messages", kept)];
        var store = StorePorts.From((await server.StartHostAsync(server.SharedKeyspace, settings: settings)).Services);
        var now = DateTimeOffset.UtcNow;
        var key = new MessageKey(_conversation, Guid.CreateVersion7(now.AddDays(-10)));
        await store.Messages.AddMessagesAsync(
            [new(key.MessageId, _conversation, key.MessageId, key.MessageId, "whatsapp", "outbound", "text", "{}", "+55", now, 1)],
            Cancellation);
        await store.Statuses.RecordStatusesAsync([new(key, StatusKind.Sent, new(now, null, 5), "whatsapp", now, now, null)], Cancellation);
        await store.HandOvers.RecordHandOversAsync([new(key.MessageId, "whatsapp", now, _subject)], Cancellation);
        await store.ProviderIds.AddProviderIdAsync(new("whatsapp", _subject), key, Cancellation);
        var sendTry = new SendTry(key.MessageId, _conversation, _account, 1, Guid.NewGuid(), now);
        await store.Sends.ClaimTryAsync(sendTry, Cancellation);
        await store.Sends.RecordAnswersAsync([new(sendTry, SendOutcome.Accepted, _subject)], Cancellation);
        await store.Held.HoldAsync([new(_account, key.MessageId, Guid.NewGuid(), _conversation, "", "{}"u8.ToArray(), now)], Cancellation);

        using var session = await server.ConnectAsync(server.SharedKeyspace);
        foreach (var (table, column) in new[]
        {
            ("messages", "content"), ("message_timeline", "at"), ("message_by_id", "conversation_id"), ("hand_overs", "at"),
            ("hand_overs", "provider_message_id"), ("provider_ids", "message"), ("messages", "sent"),
            ("send_tries", "at"), ("send_tries", "outcome"), ("send_tries", "provider_message_id"), ("held_messages", "value"),
        })
        {
            var where = table == "provider_ids" ? "provider_message_id" : "message_id";
            var rows = await session.ExecuteAsync(new SimpleStatement(
                $"SELECT TTL({column}) FROM {table} WHERE {where} = ? ALLOW FILTERING",
                table == "provider_ids" ? _subject : key.MessageId));
            var left = Assert.Single(rows).GetValue<int?>(0);
            // Without the ledger's time a message that is delivered again would be sent again.
            if (kept is null || column is "sent" or "outcome" || (table, column) is ("hand_overs" or "send_tries", "at")) Assert.Null(left);
            else Assert.InRange(left!.Value, TimeSpan.FromDays(20).TotalSeconds, TimeSpan.FromDays(20).TotalSeconds + 7_200);
        }
        await session.Cluster.ShutdownAsync();
    }

    [Fact]
    public async Task Bucket_of_open_tries_that_is_empty_is_forgotten_after_an_hour_and_noted_again_by_who_claims_in_it()
    {
        var first = new SendTry(Guid.CreateVersion7(Start), _conversation, _account, 1, Guid.NewGuid(), Start);
        await _store.Sends.ClaimTryAsync(first, Cancellation);
        await _store.Sends.RecordAnswersAsync([new(first, SendOutcome.Accepted, "wamid.1")], Cancellation);
        await ListOpenAsync();
        Assert.Equal(1, await CountAsync("open_send_buckets", _account.Channel));

        _time.Advance(TimeSpan.FromHours(2));
        Assert.Empty(await ListOpenAsync());
        Assert.Equal(0, await CountAsync("open_send_buckets", _account.Channel));

        var second = first with { MessageId = Guid.CreateVersion7(Start), At = Start.AddMilliseconds(1) };
        await _store.Sends.ClaimTryAsync(second, Cancellation);
        Assert.Equal([second.MessageId], (await ListOpenAsync()).Select(e => e.Try.MessageId));
    }

    [Fact]
    public async Task Row_of_a_try_that_was_never_claimed_or_is_answered_leaves_the_index_of_open_ones()
    {
        var answered = new SendTry(Guid.CreateVersion7(Start), _conversation, _account, 1, Guid.NewGuid(), Start);
        await _store.Sends.RecordAnswersAsync([new(answered, SendOutcome.Accepted, "wamid.1")], Cancellation);
        // Another reader's claim, which came too late.
        await _store.Sends.ClaimTryAsync(answered with { Owner = Guid.NewGuid(), At = Start.AddMilliseconds(5) }, Cancellation);
        using var session = await server.ConnectAsync(server.SharedKeyspace);
        var bucket = (int)(Start.ToUnixTimeMilliseconds() / 60_000);
        // What a process left that died before the claim itself.
        await session.ExecuteAsync(new SimpleStatement(
            "INSERT INTO open_send_tries (channel, bucket, at, message_id, number) VALUES (?, ?, ?, ?, 1) USING TIMESTAMP ?",
            _account.Channel,
            bucket,
            Start,
            Guid.CreateVersion7(Start),
            Start.ToUnixTimeMilliseconds() * 1000));

        Assert.Empty(await ListOpenAsync());
        Assert.Equal(1, await CountAsync("open_send_tries", _account.Channel));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Empty(await ListOpenAsync());

        Assert.Equal(0, await CountAsync("open_send_tries", _account.Channel));
        await session.Cluster.ShutdownAsync();
    }

    [Fact]
    public async Task Bucket_of_held_messages_that_is_empty_is_forgotten_after_an_hour_and_noted_again_by_who_holds_in_it()
    {
        var held = new HeldMessage(_account, Guid.CreateVersion7(Start), Guid.NewGuid(), _conversation, "", default, Start);
        await _store.Held.HoldAsync([held], Cancellation);
        await _store.Held.ReleaseAsync([held], Cancellation);
        await _store.Held.ListHeldAsync(_account, null, 10, Cancellation);
        Assert.Equal(1, await CountAsync("held_buckets", _account.Channel));

        _time.Advance(TimeSpan.FromHours(2));
        Assert.Empty(await _store.Held.ListHeldAsync(_account, null, 10, Cancellation));
        Assert.Equal(0, await CountAsync("held_buckets", _account.Channel));

        await _store.Held.HoldAsync([held with { HoldId = Guid.NewGuid() }], Cancellation);
        Assert.Single(await _store.Held.ListHeldAsync(_account, null, 10, Cancellation));
    }

    [Fact]
    public async Task An_operator_can_delete_what_the_engine_wrote_with_an_ordinary_statement()
    {
        var key = new MessageKey(_conversation, Guid.CreateVersion7(Start));
        await _store.Statuses.RecordStatusesAsync(
            [new(key, StatusKind.Failed, new(Start, "bloqueado", 5), "whatsapp", Start, Start, null)], Cancellation);
        using var session = await server.ConnectAsync(server.SharedKeyspace);
        var row = (await session.ExecuteAsync(new SimpleStatement(
            "SELECT conversation_id, bucket, message_id FROM messages WHERE conversation_id = ? ALLOW FILTERING",
            _conversation))).Single();

        await session.ExecuteAsync(new SimpleStatement(
            "DELETE FROM messages WHERE conversation_id = ? AND bucket = ? AND message_id = ?",
            row.GetValue<Guid>(0),
            row.GetValue<int>(1),
            row.GetValue<Guid>(2)));

        Assert.Equal(StatusFacts.None, (await _store.Messages.GetStatesAsync([key], Cancellation))[0].Facts);
        await session.Cluster.ShutdownAsync();
    }

    private ValueTask<IReadOnlyList<SendEntry>> ListOpenAsync() =>
        _store.Sends.ListOpenTriesAsync(_account.Channel, _time.GetUtcNow().AddSeconds(1), 10, Cancellation);

    private async Task<long> CountAsync(string table, string channel)
    {
        using var session = await server.ConnectAsync(server.SharedKeyspace);
        var rows = await session.ExecuteAsync(new SimpleStatement(
            $"SELECT count(*) FROM {table} WHERE channel = ? ALLOW FILTERING", channel));
        await session.Cluster.ShutdownAsync();
        return rows.Single().GetValue<long>(0);
    }

    private StatusChange Change(long seq, DateTimeOffset appendedAt) =>
        new(_conversation, seq, Guid.CreateVersion7(appendedAt), MessageStatus.Sent, "whatsapp", appendedAt, null, appendedAt);

    private async Task<IEnumerable<ParkedStatus>> ParkedAsync() =>
        (await _store.Parked.ListParkedBeforeAsync(_time.GetUtcNow(), null, 10_000, Cancellation)).Statuses
        .Where(p => p.Subject == _subject);

    /// <summary>How many marks of deletions the server went through for a query, as its trace says.</summary>
    private static int TombstonesIn(QueryTrace trace) => trace.Events
        .Select(e => System.Text.RegularExpressions.Regex.Match(e.Description, @"Read \d+ live rows and (\d+) tombstone cells"))
        .Where(m => m.Success)
        .Sum(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));

    private async Task AssertCompleteAsync(params long[] numbers)
    {
        foreach (var since in numbers)
            Assert.True((await _store.Changes.ListChangesAsync(_conversation, since, 10, Cancellation)).Complete, $"since {since}");
    }

    private async Task AssertIncompleteAsync(params long[] numbers)
    {
        foreach (var since in numbers)
            Assert.False((await _store.Changes.ListChangesAsync(_conversation, since, 10, Cancellation)).Complete, $"since {since}");
    }
}
