using System.Diagnostics.Metrics;
using System.Text;
using Chat.Core.Engines;
using Chat.Core.Erasure;
using Chat.Core.Log;
using Chat.Core.Telemetry;
using Chat.Engines.Kafka;
using Chat.Tests.Graph;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Chat.Tests.Compliance;

/// <summary>What Kafka alone can show: other members' processes, foreign producers, topics that change, brokers that die.</summary>
public sealed partial class KafkaEventLogTests
{
    [Fact]
    public async Task A_clean_hand_over_between_processes_loses_nothing_and_repeats_little()
    {
        const int rounds = 30, each = 40;
        var group = NewGroup();
        var seen = new Observed<Seen>();
        await Log.DescribeAsync(Topic, Cancellation);
        IEventLog second = Open(Address()), third = Open(Address());
        var members = new Queue<GroupMember>([new(Log, group, Collect(seen, max: 7))]);
        for (var round = 0; round < rounds; round++)
        {
            await Log.AppendAsync([.. Enumerable.Range(round * each, each).Select(i => Event($"key {i % 31}", $"{i}"))], Cancellation);
            if (round == 5) members.Enqueue(new(second, group, Collect(seen, max: 7)));
            if (round == 10) members.Enqueue(new(third, group, Collect(seen, max: 7)));
            if (round is 15 or 20) await members.Dequeue().StopAsync();
            // Some of it is read before the next member comes or goes.
            await seen.CountAsync((round + 1) * each / 2, $"half of the events of round {round}");
        }
        await seen.CountAsync(rounds * each, "every event");
        foreach (var member in members) await member.StopAsync();

        var numbers = seen.Items.Select(s => int.Parse(Text(s.Event.Value))).ToList();
        Assert.Equal(Enumerable.Range(0, rounds * each), numbers.Distinct().Order());
        // A commit that meets the rebalance is refused by the broker, and its batch comes again: at most one a member that changes.
        Assert.InRange(numbers.Count - (rounds * each), 0, 4 * 7);
    }

    [Fact]
    public async Task A_foreign_producers_keys_lie_where_ours_do_and_an_event_without_a_key_has_none()
    {
        var topic = await Log.DescribeAsync(Topic, Cancellation);
        var config = new ProducerConfig { BootstrapServers = Address(), Partitioner = Partitioner.Murmur2Random };
        using (var foreign = new ProducerBuilder<string?, byte[]?>(config).Build())
        {
            for (var i = 0; i < 50; i++)
            {
                await foreign.ProduceAsync(
                    Topic, new() { Key = $"conversa {i} ção", Value = Encoding.UTF8.GetBytes($"{i}") }, Cancellation);
            }
            await foreign.ProduceAsync(
                Topic,
                new() { Value = "no key"u8.ToArray(), Headers = [new Header("binary", [0xff, 0xfe]), new Header("null", null)] },
                Cancellation);
            await foreign.ProduceAsync(Topic, new() { Key = "tombstone" }, Cancellation);
        }

        var seen = await ReadAllAsync(52);

        var keyed = seen.Where(s => s.Event.Key is not null).ToArray();
        Assert.Equal(51, keyed.Length);
        Assert.All(keyed, s => Assert.Equal(topic.PartitionOf(s.Event.Key!), s.Partition));
        var keyless = Assert.Single(seen, s => s.Event.Key is null).Event;
        Assert.Equal("no key", Text(keyless.Value));
        Assert.Equal(["binary", "null"], keyless.Headers.Select(h => h.Name));
        Assert.Equal(0, Assert.Single(seen, s => s.Event.Key == "tombstone").Event.Value.Length);
    }

    [Fact]
    public async Task Of_a_new_topics_first_events_none_is_acknowledged_by_the_one_behind_it()
    {
        var reader = OpenHost(Address()).Services.GetRequiredService<ILogReader>();
        // Too large for one request: each is a batch of its own, and several are under way at once.
        var large = new byte[600_000];
        for (var i = 0; i < 30; i++)
        {
            var topic = $"{Topic}.{i}";
            var places = await Log.AppendAsync([.. Enumerable.Range(0, 5).Select(_ => new NewEvent(topic, "k", large))], Cancellation);

            Assert.Equal(Enumerable.Range(0, 5).Select(o => (long)o), places.Select(p => p.Offset));
            var ranges = await reader.GetRangesAsync(topic, Cancellation);
            Assert.Equal(5, ranges[places[0].Partition].End);
        }
    }

    [Fact]
    public async Task A_topic_is_made_with_the_settings_given()
    {
        var log = Open(Address(), ("Kafka:Partitions", "3"), ("Kafka:ReplicationFactor", "1"), ("Kafka:Topic:retention.ms", "86400000"));

        Assert.Equal(3, (await log.DescribeAsync(Topic, Cancellation)).Partitions);
        using var admin = Admin();
        var settings = (await admin.DescribeConfigsAsync([new() { Type = ResourceType.Topic, Name = Topic }]))[0].Entries;
        Assert.Equal("86400000", settings["retention.ms"].Value);
        Assert.Equal("LogAppendTime", settings["message.timestamp.type"].Value);
    }

    [Fact]
    public async Task It_removes_no_single_event_and_says_how_long_each_topic_keeps_them()
    {
        var erasure = OpenHost(Address()).Services.GetRequiredService<ILogErasure>();
        using var admin = Admin();
        foreach (var topic in Topics.All) await Log.DescribeAsync(topic, Cancellation);
        var (forGood, forADay) = (Topics.DeadLetter(Topics.Outbound("instagram")), Topics.Outbound("instagram"));
        await SetAsync(forGood, "-1");
        await SetAsync(forADay, "86400000");

        Assert.Null(await erasure.EraseAsync(_ => true, dryRun: false, Cancellation));
        var kept = await erasure.GetRetentionAsync(Cancellation);
        await SetAsync(forGood, "604800000");
        await SetAsync(forADay, "604800000");

        Assert.Equal(Topics.All.Order(), kept.Keys.Order());
        Assert.Null(kept[forGood]);
        // And its last file is closed after segment.ms, seven days.
        Assert.Equal(TimeSpan.FromDays(8), kept[forADay]);
        Assert.Null(await OpenHost(Address()).Services.GetRequiredService<KafkaTopics>().FindRetentionAsync(
            $"missing-{Guid.NewGuid():N}", Cancellation));

        Task SetAsync(string topic, string milliseconds) => admin.IncrementalAlterConfigsAsync(new()
        {
            [new() { Type = ResourceType.Topic, Name = topic }] =
                [new() { Name = "retention.ms", Value = milliseconds, IncrementalOperation = AlterConfigOpType.Set }],
        });
    }

    [Fact]
    public async Task A_record_that_is_too_large_is_refused_and_the_largest_that_its_topic_takes_fits_a_dead_letter()
    {
        var deadLetters = Topics.DeadLetter(Topic);
        await Log.DescribeAsync(Topic, Cancellation);
        await Log.DescribeAsync(deadLetters, Cancellation);
        var places = await Log.AppendAsync([Event("k", "before")], Cancellation);

        // Above what the topic takes, which the broker refuses, and above what the producer sends.
        foreach (var size in new[] { 1_048_588 + 1_000, 1_048_588 + 1_000_000 })
        {
            await Assert.ThrowsAsync<EngineRefusedException>(
                async () => await Log.AppendAsync([new NewEvent(Topic, "k", new byte[size])], Cancellation));
        }

        EventHeader[] headers = [DeadLetters.ReasonHeader(new string('x', 2_000)), new(HeaderNames.DeadLetterTopic, Topic)];
        await Log.AppendAsync([new NewEvent(deadLetters, "k", new byte[1_048_588], headers)], Cancellation);
        Assert.True((await Log.AppendAsync([Event("k", "after")], Cancellation))[0].Offset > places[0].Offset);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_dead_letter_topic_that_is_there_already_gets_room_for_the_largest_record_or_a_warning(bool manageTopics)
    {
        var deadLetters = Topics.DeadLetter(Topic);
        using var admin = Admin();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = deadLetters, NumPartitions = 1 }]);

        await Open(Address(), ("Kafka:ManageTopics", $"{manageTopics}")).DescribeAsync(deadLetters, Cancellation);

        var settings = (await admin.DescribeConfigsAsync([new() { Type = ResourceType.Topic, Name = deadLetters }]))[0].Entries;
        Assert.Equal(manageTopics ? "1114124" : "1048588", settings["max.message.bytes"].Value);
        var warned = _logs.Lines.Any(l => l.Contains(
            $"--entity-name {deadLetters} --add-config max.message.bytes=1114124", StringComparison.Ordinal));
        Assert.Equal(!manageTopics, warned);
    }

    [Fact]
    public async Task A_topic_that_others_made_gives_the_logs_time_and_not_its_producers()
    {
        using (var admin = Admin())
        {
            await admin.CreateTopicsAsync(
                [
                    new TopicSpecification
                    {
                        Name = Topic,
                        NumPartitions = 2,
                        Configs = new() { ["message.timestamp.type"] = "CreateTime" },
                    },
                ]);
        }
        var topic = await Log.DescribeAsync(Topic, Cancellation);
        var before = DateTimeOffset.UtcNow - TimeSpan.FromSeconds(30);
        using (var foreign = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = Address() }).Build())
        {
            await foreign.ProduceAsync(
                Topic,
                new() { Key = "k", Value = [], Timestamp = new Timestamp(new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc)) },
                Cancellation);
        }

        Assert.Equal(2, topic.Partitions);
        Assert.True(Assert.Single(await ReadAllAsync(1)).Event.AppendedAt > before);
    }

    [Fact]
    public async Task A_topic_made_anew_is_another_incarnation_and_its_members_read_it_from_the_start()
    {
        var log = Open(Address(), ("Kafka:TopicMaxAge", "00:00:00.1"), ("Kafka:TopicCheckInterval", "00:00:00.3"));
        var was = await log.DescribeAsync(Topic, Cancellation);
        var seen = new Observed<string>();
        var calls = new Observed<string>();
        await using var member = new GroupMember(log, NewGroup(), async (partition, revoked) =>
        {
            calls.Add((await log.DescribeAsync(Topic, revoked)).Incarnation);
            while (true)
            {
                var events = await partition.ReadAsync(100, revoked);
                seen.AddRange(events.Select(e => Text(e.Value)));
                await partition.CommitAsync(events[^1].Offset + 1, revoked);
            }
        });
        await log.AppendAsync([.. Enumerable.Range(0, 100).Select(i => Event($"{i}", $"old {i}"))], Cancellation);
        await seen.CountAsync(100, "the first events");

        using (var admin = Admin()) await admin.DeleteTopicsAsync([Topic]);
        var now = await UntilAsync(
            () => log.DescribeAsync(Topic, Cancellation), t => t.Incarnation != was.Incarnation, "another incarnation");
        Assert.NotEqual(was.Identity, now.Identity);
        await calls.UntilAsync(all => all.Count(i => i == now.Incarnation) >= now.Partitions, "a new call for each partition");
        var places = await AppendAgainAsync(log, [.. Enumerable.Range(0, 100).Select(i => Event($"{i}", $"new {i}"))]);

        Assert.Contains(places, p => p.Offset == 0);
        await seen.UntilAsync(
            all => Enumerable.Range(0, 100).All(i => all.Contains($"new {i}")), "the new topic's events from its first on");
    }

    [Fact]
    public async Task Calls_are_made_anew_when_the_topic_gets_more_partitions()
    {
        var log = Open(
            Address(), ("Kafka:TopicMaxAge", "00:00:00.1"), ("Kafka:Partitions", "2"), ("Kafka:TopicCheckInterval", "00:00:00.3"),
            ("Kafka:Client:topic.metadata.refresh.interval.ms", "500"));
        Assert.Equal(2, (await log.DescribeAsync(Topic, Cancellation)).Partitions);
        var calls = new Observed<(int Partition, int Partitions)>();
        var seen = new Observed<string>();
        await using var member = new GroupMember(log, NewGroup(), async (partition, revoked) =>
        {
            calls.Add((partition.Partition.Partition, (await log.DescribeAsync(Topic, revoked)).Partitions));
            while (true)
            {
                var events = await partition.ReadAsync(100, revoked);
                seen.AddRange(events.Select(e => Text(e.Value)));
                await partition.CommitAsync(events[^1].Offset + 1, revoked);
            }
        });
        await calls.UntilAsync(all => all.Contains((0, 2)) && all.Contains((1, 2)), "the two partitions");

        using (var admin = Admin()) await admin.CreatePartitionsAsync([new() { Topic = Topic, IncreaseTo = 5 }]);

        await calls.UntilAsync(all => Enumerable.Range(0, 5).All(p => all.Contains((p, 5))), "a call for each of the five partitions");
        await log.AppendAsync([.. Enumerable.Range(0, 100).Select(i => Event($"{i}", $"{i}"))], Cancellation);
        await seen.CountAsync(100, "every event");
    }

    [Fact]
    public async Task A_process_that_starts_makes_every_topic_and_is_healthy()
    {
        var host = OpenHost(Address());

        await host.StartAsync(Cancellation);

        using var admin = Admin();
        var topics = await UntilAsync(
            () => ValueTask.FromResult(admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.Select(t => t.Topic).ToHashSet()),
            there => Topics.All.All(there.Contains),
            "every topic");
        Assert.Contains("msg.status.dlq", topics);
        await Until.TrueAsync(async () => await HealthAsync(host) == HealthStatus.Healthy, "the process is healthy");
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_process_without_its_broker_starts_and_is_unhealthy()
    {
        var host = OpenHost($"127.0.0.1:{ServerProcess.FreePorts()}");

        await host.StartAsync(Cancellation);

        Assert.Equal(HealthStatus.Unhealthy, await HealthAsync(host));
        await host.StopAsync(Cancellation);
    }

    private static async Task<HealthStatus> HealthAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation)).Status;

    [Fact]
    public async Task The_lag_of_each_partition_is_told()
    {
        var log = Open(Address(), ("Kafka:LagInterval", "00:00:00.1"), ("Kafka:Partitions", "2"));
        var topic = await log.DescribeAsync(Topic, Cancellation);
        var group = NewGroup();
        var places = await log.AppendAsync([.. Enumerable.Range(0, 90).Select(i => Event($"{i}", $"{i}"))], Cancellation);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (new GroupMember(log, group, async (partition, revoked) =>
        {
            await release.Task.WaitAsync(revoked);
            while (true)
            {
                var events = await partition.ReadAsync(100, revoked);
                await partition.CommitAsync(events[^1].Offset + 1, revoked);
            }
        }))
        {
            var expected = places.GroupBy(p => p.Partition).ToDictionary(p => p.Key, p => (long)p.Count());
            Assert.Equal(2, topic.Partitions);
            await UntilAsync(() => ValueTask.FromResult(Lags(group)), lags => Same(lags, expected), "everything to lag");

            release.SetResult();
            var none = expected.ToDictionary(e => e.Key, _ => 0L);
            await UntilAsync(() => ValueTask.FromResult(Lags(group)), lags => Same(lags, none), "nothing to lag");
        }
        Assert.Empty(Lags(group));

        static bool Same(Dictionary<int, long> one, Dictionary<int, long> other) => one.Count == other.Count && !one.Except(other).Any();
    }

    [Fact]
    public async Task A_slow_call_holds_a_bounded_number_of_events_and_gets_them_all_in_order()
    {
        const int count = 4000;
        var log = Open(
            Address(), ("Kafka:Partitions", "1"), ("Kafka:BufferedEvents", "50"), ("Kafka:Consumer:queued.min.messages", "100"));
        await log.DescribeAsync(Topic, Cancellation);
        foreach (var batch in Enumerable.Range(0, count).Chunk(500))
            await log.AppendAsync([.. batch.Select(i => Event("k", $"{i}"))], Cancellation);
        var seen = new Observed<int>();
        var largest = 0;
        await using var member = new GroupMember(log, NewGroup(), async (partition, revoked) =>
        {
            while (true)
            {
                var events = await partition.ReadAsync(count, revoked);
                largest = Math.Max(largest, events.Count);
                seen.AddRange(events.Select(e => int.Parse(Text(e.Value))));
                await partition.CommitAsync(events[^1].Offset + 1, revoked);
            }
        });

        Assert.Equal(Enumerable.Range(0, count), await seen.CountAsync(count, "every event"));
        // What is asked for at most is all there is: the buffer, and the poll that overfilled it.
        Assert.InRange(largest, 1, 1100);
    }

    [Fact]
    public async Task A_partition_that_was_paused_is_read_on_where_it_comes_back_to_its_member()
    {
        const int count = 6000;
        (string, string)[] settings =
            [("Kafka:Partitions", "2"), ("Kafka:BufferedEvents", "50"), ("Kafka:Consumer:queued.min.messages", "100")];
        IEventLog log = Open(Address(), settings), other = Open(Address(), settings);
        await log.DescribeAsync(Topic, Cancellation);
        foreach (var batch in Enumerable.Range(0, count).Chunk(500))
            await log.AppendAsync([.. batch.Select(i => Event($"{i}", $"{i}"))], Cancellation);
        var (group, reads, seen, elsewhere) = (NewGroup(), new Observed<int>(), new Observed<string>(), new Observed<int>());
        var store = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var member = new GroupMember(log, group, async (partition, revoked) =>
        {
            while (true)
            {
                var events = await partition.ReadAsync(10, revoked);
                reads.Add(partition.Partition.Partition);
                // Slow: the buffer fills up meanwhile, and the partition is paused.
                await store.Task.WaitAsync(revoked);
                seen.AddRange(events.Select(e => Text(e.Value)));
                await partition.CommitAsync(events[^1].Offset + 1, revoked);
            }
        });
        await reads.UntilAsync(all => all.Contains(0) && all.Contains(1), "both partitions");

        int moved;
        await using (new GroupMember(other, group, async (partition, revoked) =>
        {
            elsewhere.Add(partition.Partition.Partition);
            await UntilRevoked(revoked);
        }))
        {
            moved = (await elsewhere.CountAsync(1, "a partition at the other member"))[0];
        }

        await reads.UntilAsync(all => all.Count(p => p == moved) > 1, "the partition that is back is read");
        store.SetResult();
        await seen.UntilAsync(all => all.Distinct().Count() == count, "every event");
    }

    [Fact]
    public async Task Of_a_topic_made_anew_nothing_is_passed_over_where_an_old_commit_came_late()
    {
        const int before = 100, after = 50, later = 150;
        var log = Open(
            Address(), ("Kafka:Partitions", "1"), ("Kafka:TopicMaxAge", "00:00:00.1"), ("Kafka:TopicCheckInterval", "01:00:00"),
            ("Kafka:RetryPause", "00:00:05"), ("Kafka:Consumer:auto.commit.interval.ms", "100"));
        var was = await log.DescribeAsync(Topic, Cancellation);
        await log.AppendAsync([.. Enumerable.Range(0, before).Select(i => Event("k", $"old {i}"))], Cancellation);
        var seen = new Observed<string>();
        var isAnew = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var group = NewGroup();
        await using var member = new GroupMember(log, group, async (partition, revoked) =>
        {
            while (true)
            {
                var events = await partition.ReadAsync(before, revoked);
                seen.AddRange(events.Select(e => Text(e.Value)));
                await isAnew.Task.WaitAsync(revoked);
                await partition.CommitAsync(events[^1].Offset + 1, revoked);
            }
        });
        await seen.CountAsync(before, "the first events");

        using var admin = Admin();
        await admin.DeleteTopicsAsync([Topic]);
        await UntilAsync(() => log.DescribeAsync(Topic, Cancellation), t => t.Incarnation != was.Incarnation, "another incarnation");
        isAnew.SetResult();
        await AppendAgainAsync(log, [.. Enumerable.Range(0, after).Select(i => Event("k", $"new {i}"))]);
        await UntilAsync(
            () => ValueTask.FromResult(_logs.Lines.Any(l => l.Contains("Offset moved backwards", StringComparison.Ordinal))),
            said => said,
            "it is noticed");
        await log.AppendAsync([.. Enumerable.Range(after, later).Select(i => Event("k", $"new {i}"))], Cancellation);

        await seen.UntilAsync(
            all => Enumerable.Range(0, after + later).All(i => all.Contains($"new {i}")), "the new topic's events from its first on");
    }

    [Fact]
    public async Task A_log_opened_before_its_broker_and_a_broker_that_is_killed_lose_nothing_that_was_acknowledged()
    {
        await using var broker = KafkaServer.TryMake();
        Assert.SkipWhen(broker is null, $"No Kafka to kill: set {KafkaServer.RunVariable} to a program that runs a broker.");
        var log = Open(broker.Process.Address, ("Kafka:DeliveryTimeout", "00:00:02"), ("Kafka:RequestTimeout", "00:00:02"));
        var group = NewGroup();
        var seen = new Observed<Seen>();
        await using var member = new GroupMember(log, group, Collect(seen));
        await Assert.ThrowsAsync<KafkaException>(async () => await log.AppendAsync([Event("k", "in vain")], Cancellation));

        await broker.Process.StartAsync();
        await AppendAgainAsync(log, [.. Enumerable.Range(0, 100).Select(i => Event($"{i}", $"{i}"))]);
        await seen.UntilAsync(all => Has(all, 0, 100), "the events before the crash");

        await broker.Process.KillAsync();
        await Assert.ThrowsAsync<KafkaException>(async () => await log.AppendAsync([Event("k", "in vain")], Cancellation));
        await broker.Process.StartAsync();
        await AppendAgainAsync(log, [.. Enumerable.Range(100, 100).Select(i => Event($"{i}", $"{i}"))]);
        await seen.UntilAsync(all => Has(all, 0, 200), "the events after the crash");

        // And a member leaves in bounded time while no broker answers.
        await broker.Process.KillAsync();
        await member.StopAsync();

        static bool Has(IReadOnlyList<Seen> all, int from, int count)
        {
            var numbers = all.Select(s => Text(s.Event.Value)).ToHashSet();
            return Enumerable.Range(from, count).All(i => numbers.Contains($"{i}"));
        }
    }

    protected override async Task DeleteEventsAsync()
    {
        var topic = await Log.DescribeAsync(Topic, Cancellation);
        using var admin = Admin();
        await admin.DeleteRecordsAsync(
            Enumerable.Range(0, topic.Partitions).Select(p => new TopicPartitionOffset(Topic, p, Offset.End)));
    }

    private IAdminClient Admin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Address() }).Build();

    private static Dictionary<int, long> Lags(ConsumerGroup group)
    {
        var lags = new Dictionary<int, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == ChatTelemetry.Name && instrument.Name == "chat.consumer.lag")
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, lag, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary(t => t.Key, t => (string?)t.Value);
            if (named["messaging.consumer.group.name"] == group.Group && named["messaging.destination.name"] == group.Topic)
                lags[int.Parse(named["messaging.destination.partition.id"]!)] = lag;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return lags;
    }

    private static async Task<T> UntilAsync<T>(Func<ValueTask<T>> ask, Func<T, bool> condition, string what)
    {
        using var deadline = new Deadline();
        while (true)
        {
            var answer = await ask();
            if (condition(answer)) return answer;
            Assert.False(deadline.Passed, $"Waited in vain for {what}: {answer}");
            await Task.Delay(20, Cancellation);
        }
    }

    // As the services do: an append that failed is made again, and may then stand twice.
    private static async Task<IReadOnlyList<EventPosition>> AppendAgainAsync(IEventLog log, NewEvent[] events)
    {
        using var deadline = new Deadline();
        while (true)
        {
            try
            {
                return await log.AppendAsync(events, deadline.Token);
            }
            catch (KafkaException) when (!deadline.Passed)
            {
                await Task.Delay(20, deadline.Token);
            }
        }
    }
}
