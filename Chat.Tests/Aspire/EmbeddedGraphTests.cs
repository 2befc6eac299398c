using Chat.Tests.Graph;

namespace Chat.Tests.Aspire;

/// <summary>The scenarios on the AppHost's embedded graph.</summary>
[Collection(EmbeddedGraphCollection.Name)]
public sealed class EmbeddedScenarioTests(EmbeddedChatGraph graph) : ChatScenarios(graph);

/// <summary>What the AppHost adds to Chat.Standalone: commands, and an end of everything at once.</summary>
[Collection(EmbeddedGraphCollection.Name)]
public sealed class EmbeddedGraphTests(EmbeddedChatGraph graph) : IAsyncLifetime
{
    // What a test before this one killed and could not bring back is no finding of this one.
    public async ValueTask InitializeAsync() => await graph.StartAsync();

    public ValueTask DisposeAsync() => default;

    [Fact]
    public Task Every_message_answered_with_202_before_a_kill_becomes_READ() =>
        RestartScenarios.Every_message_answered_with_202_before_a_kill_becomes_READ(graph, killAfter: 100, kills: 1);

    [Fact]
    public Task A_stop_leaves_no_process_and_a_start_finds_the_data_again() =>
        StopScenarios.A_stop_leaves_nothing_behind_and_a_start_finds_the_data_again(
            graph, containersOf: 0, () => Task.FromResult<IReadOnlyList<string>>([]));
}

/// <summary>One graph for all its tests.</summary>
[CollectionDefinition(Name)]
public sealed class EmbeddedGraphCollection : ICollectionFixture<EmbeddedChatGraph>
{
    public const string Name = "AppHost, embedded";
}
