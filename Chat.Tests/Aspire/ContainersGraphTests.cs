using Aspire.Hosting.ApplicationModel;
using Chat.Tests.Graph;

namespace Chat.Tests.Aspire;

/// <summary>The scenarios on the AppHost's graph of containers: posted to one replica of the API, watched on the other.</summary>
[Collection(ContainersGraphCollection.Name)]
public sealed class ContainersScenarioTests(ContainersChatGraph graph) : ChatScenarios(graph);

/// <summary>What only a graph of several processes and servers can show.</summary>
[Collection(ContainersGraphCollection.Name)]
public sealed class ContainersGraphTests(ContainersChatGraph graph) : IAsyncLifetime
{
    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(3);

    // What a test before this one killed and could not bring back is no finding of this one.
    public async ValueTask InitializeAsync() => await graph.StartAsync();

    public ValueTask DisposeAsync() => default;

    [Fact]
    public void The_API_has_two_instances_of_its_own_addresses() => Assert.Equal(2, graph.Apis.Distinct().Count());

    [Fact]
    public Task Every_message_answered_with_202_before_a_kill_of_all_services_becomes_READ() =>
        RestartScenarios.Every_message_answered_with_202_before_a_kill_becomes_READ(graph, killAfter: 300, kills: 1);

    [Theory]
    [InlineData("router-worker")]
    [InlineData("status-worker")]
    [InlineData("connector-whatsapp")]
    public async Task A_replica_killed_under_load_and_replaced_costs_no_message(string service)
    {
        using var user = new TestUser(graph);
        await using var load = await WatchedLoad.StartAsync(user);
        await load.PostedAsync(100);
        var replica = await graph.KillOneAsync(service);
        await load.PostedAsync(200);
        await graph.CommandAsync(replica, KnownResourceCommands.StartCommand);
        await load.PostedAsync(300);
        await load.EndsInReadAsync(Recovery);
        await graph.WaitUntilHealthyAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_restart_of_Redis_costs_no_watcher_a_status()
    {
        using var user = new TestUser(graph);
        await using var load = await WatchedLoad.StartAsync(user);
        await load.PostedAsync(50);
        await graph.CommandAsync("redis", KnownResourceCommands.RestartCommand);
        await load.PostedAsync(150);
        await load.EndsInReadAsync(Recovery);
        await graph.WaitUntilHealthyAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public Task A_stop_leaves_no_container_and_no_process_and_a_start_finds_the_data_again() =>
        StopScenarios.A_stop_leaves_nothing_behind_and_a_start_finds_the_data_again(
            graph, ContainersModel.Servers.Length, Containers.AllAsync);
}

/// <summary>One graph for all its tests: it takes most of a minute to start. Nothing else runs meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ContainersGraphCollection : ICollectionFixture<ContainersChatGraph>
{
    public const string Name = "AppHost on containers";
}
