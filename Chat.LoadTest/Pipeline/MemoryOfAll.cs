using Chat.LoadTest.Distributed;
using Chat.LoadTest.Faults;

namespace Chat.LoadTest.Pipeline;

/// <summary>What the services and the servers have of memory at a moment.</summary>
/// <param name="Moment">As the report says it.</param>
/// <param name="Processes">By name; of several of one kind the sum.</param>
internal sealed record MemoryOfAll(string Moment, IReadOnlyDictionary<string, ProcessMemory> Processes)
{
    public static MemoryOfAll Read(Fleet fleet, string moment) => new(
        moment,
        fleet.Services.All.Concat(fleet.Servers.All)
            .GroupBy(process => Instances.KindOf(process.Name))
            .ToDictionary(kind => kind.Key, kind => ProcessMemory.Sum(kind.Select(ProcessMemory.Of))));
}
