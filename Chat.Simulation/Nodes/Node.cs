using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Nodes;

/// <summary>
/// One process of the graph: started, it runs the real shells of its service on simulated ports until it dies or is asked to
/// stop.
/// </summary>
public abstract class Node(World world, SimProcess process)
{
    private readonly CancellationTokenSource _stopping = new();

    public World World => world;

    public SimProcess Process => process;

    public bool IsStopping { get; private set; }

    protected CancellationToken Stopping => _stopping.Token;

    /// <summary>Another one of its kind.</summary>
    public abstract Node Again();

    public void Start()
    {
        world.Nodes.Add(this);
        world.TraceWriter.Write(process, $"starts");
        process.Start(RunAsync);
    }

    /// <summary>A clean stop: it may finish what it is at.</summary>
    public void Stop()
    {
        IsStopping = true;
        world.TraceWriter.Write(process, $"is asked to stop");
        process.Post(_stopping.Cancel);
    }

    public void Crash()
    {
        world.TraceWriter.Write(process, $"crashes");
        world.Nodes.Remove(this);
        process.Kill();
    }

    protected abstract Task RunAsync();
}
