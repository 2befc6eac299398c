using System.CommandLine;
using StackExchange.Redis;

namespace Chat.LoadTest.PipelineFloor;

/// <summary>One part of the floor as a process of its own, so that its CPU is told apart, as the services' is.</summary>
internal static class FloorProgram
{
    public const string CommandName = "pipeline-floor";

    public const string Poster = "poster";

    /// <summary>The parts that consume; they run until they are killed.</summary>
    public static IReadOnlyList<string> Consumers { get; } = ["router", "connector", "status"];

    /// <param name="Run">Of <see cref="FloorTopics"/>.</param>
    /// <param name="Cassandra">A connection string, as the services take it.</param>
    public sealed record Arguments(string Run, string Kafka, string Cassandra, string Redis, int Conversations)
    {
        public IReadOnlyList<string> Of(string part) => [CommandName, part, Run, Kafka, Cassandra, Redis, $"{Conversations}"];
    }

    public static Command CreateCommand()
    {
        var texts = ((string[])["part", "run", "kafka", "cassandra", "redis"]).Select(name => new Argument<string>(name)).ToList();
        var conversations = new Argument<int>("conversations");
        var command = new Command(CommandName, "A part of the pipeline's floor, a process of its own.");
        foreach (var text in texts) command.Add(text);
        command.Add(conversations);
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) =>
        {
            string[] given = [.. texts.Select(text => parsed.GetRequiredValue(text))];
            return RunAsync(
                given[0], new(given[1], given[2], given[3], given[4], parsed.GetValue(conversations)), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(string part, Arguments arguments, CancellationToken cancellationToken)
    {
        var topics = new FloorTopics(arguments.Run);
        using var producer = new FloorProducer(arguments.Kafka);
        if (part == Poster)
        {
            await new FloorPoster(producer.AppendAsync, topics, arguments.Conversations)
                .RunAsync(Console.In, Console.Out, cancellationToken);
            return 0;
        }
        using var rows = await FloorRows.ConnectAsync(arguments.Cassandra);
        var (topic, role) = part switch
        {
            "router" => (topics.Messages, (IFloorRole)new FloorRouter(rows, producer.AppendAsync, topics)),
            "connector" => (topics.Outbound, new FloorConnector(rows, producer.AppendAsync, topics, TimeProvider.System)),
            _ => (topics.Status, new FloorStatus(rows, await ConnectPublisherAsync(arguments.Redis))),
        };
        using var consumer = new FloorConsumer(arguments.Kafka, topic);
        await consumer.RunAsync(role, cancellationToken);
        return 0;
    }

    private static async Task<Func<Guid, byte[], Task>> ConnectPublisherAsync(string redis)
    {
        var publisher = (await ConnectionMultiplexer.ConnectAsync(redis)).GetSubscriber();
        return (conversation, payload) => publisher.PublishAsync(FloorStatus.ChannelOf(conversation), payload);
    }
}
