using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;
using Chat.Tests.Graph;

namespace Chat.Tests.Aspire;

/// <summary>The scenarios on the AppHost's graph: posted to one replica of the API, watched on the other.</summary>
[Collection(AspireGraphCollection.Name)]
public sealed class AspireScenarioTests(AspireChatGraph graph) : ChatScenarios(graph);

/// <summary>What only a graph of several processes and servers can show.</summary>
[Collection(AspireGraphCollection.Name)]
public sealed class AspireGraphTests(AspireChatGraph graph) : IAsyncLifetime
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
    public async Task A_stop_leaves_no_container_and_no_process_and_a_start_finds_the_data_again()
    {
        using var user = new TestUser(graph);
        var conversation = Guid.NewGuid();
        Guid before;
        long seq;
        await using (var watcher = await user.OpenAsync())
        {
            await watcher.SubscribeAsync(conversation);
            before = await user.PostAsync(conversation);
            // Of the last frame, not of a page: a page's number is read before its items, so it may be behind what they show.
            seq = (await Graph.Statuses.ThreeOfAsync(watcher, before))[^1].Seq();
        }

        var (containers, processes) = await graph.StopAsync();
        Assert.Equal(AppHostModel.Servers.Length, containers.Count);
        await Until.TrueAsync(
            async () => !(await ContainerRuntime.ContainersAsync()).Intersect(containers).Any(), "the containers are gone");
        await Until.TrueAsync(() => !processes.Any(IsAlive), "the processes are gone");

        await graph.StartAsync();
        Assert.Equal("READ", (await user.GetAsync($"/v1/messages/{before:D}")).Text("status"));
        await using var socket = await user.OpenAsync();
        var resumed = await socket.SubscribeAsync(conversation, since: seq);
        Assert.True(resumed.GetProperty("recovered").GetBoolean());
        var after = await user.PostAsync(conversation);
        var frames = await Graph.Statuses.ThreeOfAsync(socket, after);
        Assert.All(frames, frame => Assert.True(frame.Seq() > seq));
    }

    private static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

/// <summary>One graph for all its tests: it takes most of a minute to start. Nothing else runs meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AspireGraphCollection : ICollectionFixture<AspireChatGraph>
{
    public const string Name = "AppHost graph";
}
