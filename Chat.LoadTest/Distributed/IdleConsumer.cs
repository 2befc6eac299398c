using Chat.Core.Log;
using Chat.Engines.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.LoadTest.Distributed;

/// <summary>
/// The measure of the log alone, as a process of its own: reads and commits, in a group of its own, through the worker's engine and
/// in batches of the worker's size. Prints how many events it has committed, a line a batch.
/// </summary>
internal static class IdleConsumer
{
    public const string CommandName = "idle-consumer";

    private const int BatchSize = 1000;

    public static async Task<int> RunAsync(string kafka, string topic, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:kafka"] = kafka,
            ["Kafka:Consumer:session.timeout.ms"] = WorkerBenchmark.SessionTimeout,
        });
        builder.Logging.ClearProviders();
        builder.AddKafkaEventLog();
        using var host = builder.Build();
        var log = host.Services.GetRequiredService<IEventLog>();
        await log.DescribeAsync(topic, cancellationToken);
        var count = 0L;
        var gate = new Lock();
        await log.ConsumeAsync(
            new("bench-idle", topic),
            async (partition, revoked) =>
            {
                while (true)
                {
                    var events = await partition.ReadAsync(BatchSize, revoked);
                    await partition.CommitAsync(events[^1].Offset + 1, revoked);
                    lock (gate) Console.WriteLine(count += events.Count);
                }
            },
            cancellationToken);
        return 0;
    }
}
