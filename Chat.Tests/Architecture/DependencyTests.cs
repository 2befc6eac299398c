using System.Reflection;
using Chat.Core.Log;
using Chat.Engines.Embedded;
using Chat.Engines.Kafka;
using Chat.Engines.Redis;
using Chat.MetaSimulator.Hosting;
using NetArchTest.Rules;

namespace Chat.Tests.Architecture;

/// <summary>Who may depend on whom, as docs/architecture.md says.</summary>
public sealed class DependencyTests
{
    private static readonly Assembly Core = typeof(IEventLog).Assembly;

    private static readonly string[] Engines =
    [
        "Chat.Engines.Embedded", "Chat.Engines.Kafka", "Chat.Engines.Redis", "Chat.Engines.Cassandra", "Chat.Engines.Selection",
    ];

    public static TheoryData<string> EngineAssemblies => [.. LoadedEngines().Select(a => a.GetName().Name!)];

    public static TheoryData<string> ServiceAssemblies =>
        ["Chat.Api", "Chat.RouterWorker", "Chat.StatusWorker", "Chat.Connectors", "Chat.ServiceDefaults"];

    [Fact]
    public void Cores_namespaces_when_followed_from_one_to_the_next_lead_never_back()
    {
        var namespaces = Core.GetTypes().Select(t => t.Namespace).OfType<string>().Where(IsFolder).Distinct().Order().ToArray();
        var uses = namespaces.ToDictionary(
            n => n, n => namespaces.Where(other => other != n && DependsOn(n, other)).ToArray());
        // A guard of the test itself: with no edges at all there would be no cycle either.
        Assert.Contains("Chat.Core.Time", uses["Chat.Core.Statuses"]);

        var cycles = namespaces.Select(n => FindWayBack(n, n, uses, [])).OfType<string>().ToArray();

        Assert.True(cycles.Length == 0, string.Join("\n", cycles));
    }

    [Fact]
    public void Core_depends_on_nothing_but_the_framework_and_the_abstraction_of_a_logger() =>
        AssertHolds(Types.InAssembly(Core).Should().OnlyHaveDependencyOn(
            "Chat.Core", "System", "Microsoft.Extensions.Logging", "Microsoft.CodeAnalysis"));

    [Theory]
    [MemberData(nameof(EngineAssemblies))]
    public void An_engine_depends_on_no_other_engine(string engine) =>
        AssertHolds(Types.InAssembly(Assembly.Load(engine)).Should().NotHaveDependencyOnAny([.. Engines.Where(e => e != engine)]));

    [Theory]
    [MemberData(nameof(ServiceAssemblies))]
    public void A_service_depends_on_no_engine_but_through_the_selection(string service) =>
        AssertHolds(Types.InAssembly(Assembly.Load(service)).Should()
            .NotHaveDependencyOnAny([.. Engines.Where(e => e != "Chat.Engines.Selection")]));

    /// <summary>Real connectors and the simulator meet by HTTP alone: a mistake that both shared would be seen by no test.</summary>
    [Fact]
    public void The_simulated_Meta_knows_nothing_of_the_system_but_how_to_print() =>
        AssertHolds(Types.InAssembly(typeof(LoopbackSimulator).Assembly).That().DoNotHaveName("Program").Should()
            .NotHaveDependencyOnAny([.. References().Where(r => r is not "Chat.MetaSimulator")]));

    /// <summary>Cassandra's is there in a build with its driver only.</summary>
    private static IEnumerable<Assembly> LoadedEngines()
    {
        yield return typeof(EmbeddedOptions).Assembly;
        yield return typeof(KafkaOptions).Assembly;
        yield return typeof(RedisOptions).Assembly;
        if (File.Exists(Path.Combine(AppContext.BaseDirectory, "Chat.Engines.Cassandra.dll")))
            yield return Assembly.Load("Chat.Engines.Cassandra");
    }

    private static IEnumerable<string> References() =>
        Directory.GetFiles(AppContext.BaseDirectory, "Chat.*.dll").Select(f => Path.GetFileNameWithoutExtension(f));

    private static bool IsFolder(string name) => name.StartsWith("Chat.Core.", StringComparison.Ordinal);

    private static bool DependsOn(string name, string other) =>
        !Types.InAssembly(Core).That().ResideInNamespace(name).Should().NotHaveDependencyOnAny(other).GetResult().IsSuccessful;

    /// <summary>The way from a namespace back to where it began, in words; null where there is none.</summary>
    private static string? FindWayBack(string start, string at, Dictionary<string, string[]> uses, HashSet<string> seen)
    {
        foreach (var next in uses[at])
        {
            if (next == start) return $"{at} -> {start}";
            if (seen.Add(next) && FindWayBack(start, next, uses, seen) is { } rest) return $"{at} -> {rest}";
        }
        return null;
    }

    private static void AssertHolds(ConditionList rule)
    {
        var result = rule.GetResult();
        Assert.True(
            result.IsSuccessful,
            string.Join("\n", (result.FailingTypes ?? []).Select(t => $"{t.FullName}: {t.Explanation}")));
    }
}
