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
        await using var broker = KafkaServer.TryMake();
        Assert.SkipWhen(broker is null, $"No Kafka to kill: set {KafkaServer.RunVariable} to a program that runs a broker.");
        await broker.Process.StartAsync();

        // The delivery timeout and five seconds, and what a busy machine takes.
        await LostServer.RunAsync(broker.Process, hangs, "kafka", TimeSpan.FromSeconds(15), new()
        {
            ["ConnectionStrings:kafka"] = broker.Process.Address,
            ["Kafka:DeliveryTimeout"] = "00:00:05",
            ["Kafka:RequestTimeout"] = "00:00:05",
        });
    }
}
