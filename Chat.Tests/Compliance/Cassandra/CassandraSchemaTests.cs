using Cassandra;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.Engines.Cassandra;
using Chat.Engines.Cassandra.Schema;
using Chat.Engines.Cassandra.Tables;
using Chat.Tests.Api;
using Chat.Tests.Compliance.Store;
using Chat.Tests.Graph;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Host = Microsoft.Extensions.Hosting.Host;

namespace Chat.Tests.Compliance;

/// <summary>How processes come up with their store.</summary>
[Collection(CassandraCollection.Name)]
public sealed class CassandraSchemaTests(CassandraServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Processes_that_start_at_the_same_time_make_the_schema_once_and_all_of_them_work()
    {
        var keyspace = server.NewKeyspace();
        var hosts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.StartHostAsync(keyspace)));

        var conversation = Guid.NewGuid();
        var owners = await Task.WhenAll(hosts.Select(h => StoreOf(h)
            .Conversations.ClaimConversationAsync(new(conversation, Guid.NewGuid(), DateTimeOffset.UnixEpoch), Cancellation).AsTask()));

        Assert.Single(owners.Distinct());
        using var session = await server.ConnectAsync(keyspace);
        var steps = await session.ExecuteAsync(new SimpleStatement("SELECT version, writetime(applied_at) FROM schema_version"));
        Assert.Equal([1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12], steps.Select(r => r.GetValue<int>(0)).Order());
        Assert.Empty(await session.ExecuteAsync(new SimpleStatement("SELECT * FROM schema_lease")));
        await session.Cluster.ShutdownAsync();
    }

    [Fact]
    public async Task A_start_with_a_server_that_is_up_logs_no_warning()
    {
        using var logs = new CapturedLogs();

        var host = await server.StartHostAsync(server.NewKeyspace(), logs: logs);
        await StoreOf(host).Epochs.ClaimEpochAsync("topic", "a", Cancellation);

        Assert.Empty(logs.Lines);
    }

    [Fact]
    public async Task A_contact_point_without_an_address_is_left_out_with_a_warning()
    {
        using var logs = new CapturedLogs();

        var host = await server.StartHostAsync(server.SharedKeyspace, logs: logs, firstPoint: "nowhere.invalid");

        await Until.TrueAsync(() => logs.Records.Any(r => r.Category.StartsWith("Chat.", StringComparison.Ordinal)), "a warning");
        Assert.StartsWith(
            "Cassandra's contact point nowhere.invalid has no address",
            logs.Records.First(r => r.Category.StartsWith("Chat.", StringComparison.Ordinal)).Message,
            StringComparison.Ordinal);
        await StoreOf(host).Changes.GetHeadsAsync([Guid.NewGuid()], Cancellation);
    }

    [Fact]
    public async Task What_the_driver_says_of_a_connection_goes_to_the_log_of_its_own_host_alone()
    {
        using var logs = new CapturedLogs();
        using var otherLogs = new CapturedLogs();
        var forwarded = new ForwardedPort(server.ContactPoint, server.Port);
        var host = await server.StartHostAsync(server.SharedKeyspace, port: forwarded.Port, logs: logs);
        await StoreOf(host).Changes.GetHeadsAsync([Guid.NewGuid()], Cancellation);
        var other = await server.StartHostAsync(server.SharedKeyspace, logs: otherLogs);
        await StoreOf(other).Changes.GetHeadsAsync([Guid.NewGuid()], Cancellation);

        await forwarded.DisposeAsync();

        await Until.TrueAsync(
            () => logs.Lines.Any(l => l.StartsWith("Cassandra.", StringComparison.Ordinal)), "the driver warns that it lost its server");
        await Assert.ThrowsAnyAsync<DriverException>(
            async () => await StoreOf(host).Changes.GetHeadsAsync([Guid.NewGuid()], Cancellation));
        await StoreOf(other).Changes.GetHeadsAsync([Guid.NewGuid()], Cancellation);
        Assert.Empty(otherLogs.Lines);
    }

    [Fact]
    public async Task A_process_leaves_a_schema_that_is_newer_than_itself()
    {
        var keyspace = server.NewKeyspace();
        await StoreOf(await server.StartHostAsync(keyspace)).Epochs.ClaimEpochAsync("topic", "a", Cancellation);
        using var session = await server.ConnectAsync(keyspace);
        await session.ExecuteAsync(new SimpleStatement("INSERT INTO schema_version (part, version) VALUES (0, 1000)"));
        await session.ExecuteAsync(new SimpleStatement("DROP TABLE hand_overs"));

        var store = StoreOf(await server.StartHostAsync(keyspace));

        Assert.Equal(1, await store.Epochs.ClaimEpochAsync("topic", "a", Cancellation));
        var tables = await session.ExecuteAsync(new SimpleStatement(
            "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = 'hand_overs'", keyspace));
        Assert.Empty(tables);
        await session.Cluster.ShutdownAsync();
    }

    [Fact]
    public async Task A_fact_that_an_earlier_version_wrote_keeps_its_reason()
    {
        var keyspace = server.NewKeyspace();
        var store = StoreOf(await server.StartHostAsync(keyspace));
        var key = new MessageKey(Guid.NewGuid(), Guid.CreateVersion7());
        var now = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        var failed = new StatusRecord(key, StatusKind.Failed, new(now, "131026: undeliverable", 5), "whatsapp", now, now, null);
        await store.Statuses.RecordStatusesAsync([failed], Cancellation);
        using var session = await server.ConnectAsync(keyspace);
        await session.ExecuteAsync(new SimpleStatement(
            "DELETE failed_reason FROM messages WHERE conversation_id = ? AND bucket = ? AND message_id = ?",
            key.ConversationId,
            Bucket.For(key.MessageId),
            key.MessageId));

        Assert.Equal(failed.Fact, (await FactsAsync())[StatusKind.Failed]);
        await session.Cluster.ShutdownAsync();

        async Task<StatusFacts> FactsAsync() => (await store.Messages.GetStatesAsync([key], Cancellation))[0].Facts;
    }

    [Fact]
    public async Task A_step_that_a_dead_process_left_half_done_is_finished_by_the_next()
    {
        var keyspace = server.NewKeyspace();
        await StoreOf(await server.StartHostAsync(keyspace)).Epochs.ClaimEpochAsync("topic", "a", Cancellation);
        using var session = await server.ConnectAsync(keyspace);
        // As after a kill in the middle of the first step: some tables are there, the step is not noted.
        await session.ExecuteAsync(new SimpleStatement("TRUNCATE schema_version"));
        await session.ExecuteAsync(new SimpleStatement("DROP TABLE hand_overs"));

        var store = StoreOf(await server.StartHostAsync(keyspace));

        Assert.Equal(1, await store.Epochs.ClaimEpochAsync("topic", "a", Cancellation));
        Assert.Single(await store.HandOvers.RecordHandOversAsync(
            [new(Guid.NewGuid(), "whatsapp", DateTimeOffset.UnixEpoch, null)], Cancellation));
        await session.Cluster.ShutdownAsync();
    }

    /// <summary>It counts from a first try, of which no answer came.</summary>
    [Fact]
    public async Task A_lease_that_is_met_again_as_our_own_is_renewed()
    {
        var keyspace = server.NewKeyspace();
        await StoreOf(await server.StartHostAsync(keyspace)).Epochs.ClaimEpochAsync("topic", "a", Cancellation);
        using var session = await server.ConnectAsync(keyspace);
        await session.ExecuteAsync(new SimpleStatement("TRUNCATE schema_version"));
        await session.ExecuteAsync(new SimpleStatement(
            "INSERT INTO schema_lease (name, holder) VALUES ('schema', 'me') IF NOT EXISTS USING TTL 30"));
        var left = new List<int>();
        var migrator = new SchemaMigrator(
            session.Cluster, session, keyspace, "me", new(), new(), TimeProvider.System, new EachStep(() => left.Add(
                session.Execute("SELECT TTL(holder) FROM schema_lease WHERE name = 'schema'").Single().GetValue<int>(0))));

        await migrator.MigrateAsync(Cancellation);

        Assert.InRange(left[0], 31, 60);
        await session.Cluster.ShutdownAsync();
    }

    [Fact]
    public async Task A_process_that_starts_before_its_server_waits_for_it_and_says_that_it_is_not_healthy()
    {
        // A port of our own before the server's, where nobody listens at first.
        var keyspace = server.NewKeyspace();
        var port = CassandraServer.FreePort();
        var host = await server.StartHostAsync(keyspace, port: port, settings: ("Cassandra:RequestTimeout", "00:00:01"));
        var health = host.Services.GetRequiredService<HealthCheckService>();

        await Assert.ThrowsAsync<TimeoutException>(async () => await StoreOf(host).Epochs.ClaimEpochAsync("topic", "a", Cancellation));
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(Cancellation)).Status);

        await using var forwarded = new ForwardedPort(server.ContactPoint, server.Port, port);
        using var deadline = new Deadline();
        while (true)
        {
            try
            {
                Assert.Equal(1, await StoreOf(host).Epochs.ClaimEpochAsync("topic", "a", deadline.Token));
                break;
            }
            catch (TimeoutException)
            {
                Assert.False(deadline.Passed);
            }
        }
        await Until.TrueAsync(
            async () => (await health.CheckHealthAsync(Cancellation)).Status == HealthStatus.Healthy, "the process is healthy");
    }

    [Theory]
    [InlineData("Port=9042")]
    [InlineData("Contact Points=;Port=9042")]
    [InlineData("Contact Points=host;Default Keyspace=Chat-1")]
    [InlineData("Contact Points=host;Port=cql;Password=secret")]
    [InlineData("Contact Points=host;Password=secret;no word of sense")]
    public void A_connection_string_that_can_not_be_read_is_refused_without_telling_the_password(string text)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:cassandra"] = text;
        builder.AddCassandraStore();
        using var host = builder.Build();

        var exception = Assert.Throws<FormatException>(() => host.Services.GetRequiredService<IMessageStore>());

        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
    }

    private static StorePorts StoreOf(IHost host) => StorePorts.From(host.Services);

    /// <summary>Called as each step begins.</summary>
    private sealed class EachStep(Action begins) : ILogger<SchemaMigrator>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == LogEvents.SchemaStep) begins();
        }
    }
}
