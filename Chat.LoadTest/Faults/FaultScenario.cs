namespace Chat.LoadTest.Faults;

/// <summary>A run: which faults follow each other in it.</summary>
/// <param name="Name">As the command line names it.</param>
/// <param name="Title">Of its report.</param>
/// <param name="Faults">Of a fleet that runs, and how long a process that is killed stays down.</param>
internal sealed record FaultScenario(string Name, string Title, Func<Fleet, TimeSpan, IReadOnlyList<Fault>> Faults)
{
    private static readonly TimeSpan Paused = TimeSpan.FromSeconds(30);

    public static FaultScenario Processes { get; } = new(
        "processes",
        "One process of each kind killed",
        (fleet, down) =>
        [
            new(fleet.Workers[0].Process, down), new(fleet.Apis[0].Process, down), new(fleet.Servers.Redis, down),
            new(fleet.Servers.Kafka[0], down), new(fleet.Servers.Cassandra[0], down),
        ]);

    public static FaultScenario Redis { get; } = new(
        "redis", "Redis away", (fleet, down) => [new(fleet.Servers.Redis, down, CountsStored: true)]);

    public static FaultScenario Nodes { get; } = new(
        "nodes",
        "Each node of Kafka and of Cassandra killed, and one of each paused",
        (fleet, down) =>
        [
            .. fleet.Servers.Kafka.Concat(fleet.Servers.Cassandra).Select(node => new Fault(node, down)),
            new(fleet.Servers.Kafka[0], Paused, IsPause: true), new(fleet.Servers.Cassandra[0], Paused, IsPause: true),
        ]);

    public static IReadOnlyList<FaultScenario> All { get; } = [Processes, Redis, Nodes];
}
