using Chat.LoadTest.Distributed;
using Chat.LoadTest.InProcess;

namespace Chat.LoadTest.PipelineFloor;

/// <summary>The parts of the floor, each a process; at rest while nothing is posted.</summary>
internal sealed class FloorProcesses : IDisposable
{
    private readonly List<ChildProcess> _consumers = [];

    private FloorProcesses(ChildProgram poster) => Poster = poster;

    public ChildProgram Poster { get; }

    /// <summary>As <see cref="Pipeline.Usage"/> takes them.</summary>
    public IEnumerable<(string Name, double CpuSeconds)> Cpu =>
        [(NameOf(FloorProgram.Poster), Poster.CpuSeconds), .. _consumers.Select(c => (c.Name, c.CpuSeconds))];

    /// <summary>Makes the topics and starts all. Cassandra has the services' tables by then.</summary>
    public static async Task<FloorProcesses> StartAsync(ServerOptions servers, int conversations, string folder)
    {
        var topics = FloorTopics.Create();
        await topics.MakeAsync(servers);
        var arguments = new FloorProgram.Arguments(
            topics.Run, servers.Kafka, servers.CassandraConnection, servers.Redis, conversations);
        // As the workers.
        var (generation0, size) = Services.Generation0Of("Chat.StatusWorker");
        var settings = new Dictionary<string, string> { [generation0] = size };
        var processes = new FloorProcesses(ChildProgram.Start(arguments.Of(FloorProgram.Poster)));
        try
        {
            foreach (var part in FloorProgram.Consumers)
            {
                var command = string.Join(' ', arguments.Of(part).Select(a => $"'{a}'"));
                var consumer = new ChildProcess(
                    NameOf(part), $"dotnet \"{typeof(FloorProcesses).Assembly.Location}\" {command}", settings, folder);
                consumer.Start();
                processes._consumers.Add(consumer);
            }
            return processes;
        }
        catch
        {
            processes.Dispose();
            throw;
        }
    }

    /// <exception cref="InvalidOperationException">One has ended.</exception>
    public void Check()
    {
        if (_consumers.Find(c => c.HasExited) is { } ended)
            throw new InvalidOperationException($"{ended.Name} ended; see {ended.LogFile}.");
    }

    public void Dispose()
    {
        foreach (var consumer in _consumers) consumer.Dispose();
        Poster.Dispose();
    }

    private static string NameOf(string part) => $"floor-{part}";
}
