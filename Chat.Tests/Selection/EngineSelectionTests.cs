using Chat.Core.Bus;
using Chat.Core.Engines;
using Chat.Core.Log;
using Chat.Engines.Selection;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Tests.Selection;

public sealed class EngineSelectionTests
{
    private const string NoServer = "127.0.0.1:1";

    [Theory]
    [InlineData("kafka")]
    [InlineData("cassandra", "ConnectionStrings:kafka")]
    [InlineData("redis", "ConnectionStrings:kafka", "ConnectionStrings:cassandra")]
    public void A_port_with_neither_server_nor_folder_is_refused_naming_both_settings(string missing, params string[] set)
    {
        // Cassandra's engine isn't in every build; what comes after it can be refused only where it is.
        if (set.Contains("ConnectionStrings:cassandra")) Assert.SkipUnless(HasCassandra, "This build leaves Cassandra's driver out.");
        var error = Assert.Throws<InvalidOperationException>(() => Build([.. set.Select(s => (s, NoServer))]));

        Assert.Contains($"ConnectionStrings:{missing}", error.Message, StringComparison.Ordinal);
        Assert.Contains("Embedded:DataFolder", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ConnectionStrings:kafka")]
    [InlineData("ConnectionStrings:redis")]
    [InlineData("Embedded:DataFolder")]
    public void A_blank_setting_chooses_nothing(string setting)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Build((setting, " ")));
        Assert.Contains("No engine is chosen", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cassandra_in_a_build_without_its_driver_is_refused_naming_the_setting_and_the_build()
    {
        Assert.SkipWhen(HasCassandra, "This build has Cassandra's driver.");
        var error = Assert.Throws<InvalidOperationException>(
            () => Build(("Embedded:DataFolder", "data"), ("ConnectionStrings:cassandra", NoServer)));

        Assert.Contains("ConnectionStrings:cassandra", error.Message, StringComparison.Ordinal);
        Assert.Contains("FullFeed=false", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_is_chosen_before_the_folder_and_for_its_port_alone()
    {
        using var host = Build(("Embedded:DataFolder", Path.GetTempPath()), ("ConnectionStrings:kafka", NoServer));

        Assert.Equal("KafkaEventLog", host.Services.GetRequiredService<IEventLog>().GetType().Name);
        Assert.Equal("InProcessStatusBus", host.Services.GetRequiredService<IStatusBus>().GetType().Name);
    }

    [Theory]
    [InlineData("Kafka:Partitions", "0", "Partitions")]
    [InlineData("Kafka:ReplicationFactor", "0", "ReplicationFactor")]
    [InlineData("Kafka:RevocationTimeout", "-00:00:01", "RevocationTimeout")]
    [InlineData("Kafka:BufferedEvents", "0", "BufferedEvents")]
    [InlineData("Redis:RetryPause", "00:00:00", "RetryPause")]
    public async Task A_setting_that_makes_no_sense_stops_the_start_and_is_named(string setting, string value, string name)
    {
        using var host = Build(
            ("Embedded:DataFolder", Path.Combine(Path.GetTempPath(), $"chat-{Guid.NewGuid():N}")),
            ("ConnectionStrings:kafka", NoServer), ("ConnectionStrings:redis", NoServer), (setting, value));

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_chosen_engine_tells_its_failures_from_defects()
    {
        using var servers = Build(
            ("Embedded:DataFolder", "data"), ("ConnectionStrings:kafka", NoServer), ("ConnectionStrings:redis", NoServer));

        Assert.True(IsFailure(servers, new Confluent.Kafka.KafkaException(Confluent.Kafka.ErrorCode.Local_AllBrokersDown)));
        Assert.True(IsFailure(servers, new RedisException("away")));
        Assert.True(IsFailure(servers, new SqliteException("full", 13)));
        Assert.False(IsFailure(servers, new FormatException()));
        using var embedded = Build(("Embedded:DataFolder", "data"));
        Assert.False(IsFailure(embedded, new RedisException("away")));
    }

    private static bool HasCassandra { get; } =
        File.Exists(Path.Combine(AppContext.BaseDirectory, "Cassandra.dll"));

    private static bool IsFailure(IHost host, Exception exception) =>
        host.Services.GetServices<IEngineErrors>().Any(e => e.IsFailure(exception));

    private static IHost Build(params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => (string?)s.Value));
        builder.AddChatEngines();
        return builder.Build();
    }
}
