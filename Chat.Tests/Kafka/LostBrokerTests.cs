using Chat.Tests.Compliance;
using Chat.Tests.Engines;

namespace Chat.Tests.Kafka;

public sealed class LostBrokerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_that_is_dead_or_hangs_costs_posts_a_bounded_time_and_nothing_that_was_acknowledged(bool hangs)
    {
        // A broker that hung for longer than its session is fenced until its next heartbeat, and says meanwhile that there is no broker:
        // for long enough that every client hears it.
        await using var broker = KafkaServer.TryMake(_ => "broker.session.timeout.ms=7000\nbroker.heartbeat.interval.ms=6000");
        Assert.SkipWhen(broker is null, $"No Kafka to kill: set {KafkaServer.RunVariable} to a program that runs a broker.");
        await broker.Process.StartAsync();

        // The delivery timeout and five seconds, and what a busy machine takes.
        await LostServer.RunAsync(broker.Process, hangs, "kafka", TimeSpan.FromSeconds(15), new()
        {
            ["ConnectionStrings:kafka"] = broker.Process.Address,
            ["Kafka:DeliveryTimeout"] = "00:00:05",
            ["Kafka:RequestTimeout"] = "00:00:05",
            // A client that lost its way is replaced 20 s later than this, where the topic was described since.
            ["Kafka:RevocationTimeout"] = "00:00:05",
            ["Kafka:TopicCheckInterval"] = "00:00:02",
            ["Kafka:LagInterval"] = "00:00:01",
        });
    }
}
