using Chat.Tests.Graph;

namespace Chat.Tests.Aspire;

/// <summary>The end of a graph of the AppHost, and its next start. The graph must not be shared with tests that run meanwhile.</summary>
internal static class StopScenarios
{
    /// <summary>Whatever ran is gone; the same data is there at the next start, and a client goes on from its last frame.</summary>
    public static async Task A_stop_leaves_nothing_behind_and_a_start_finds_the_data_again(
        AppHostChatGraph graph, int containersOf, Func<Task<IReadOnlyList<string>>> allContainers)
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
        Assert.Equal(containersOf, containers.Count);
        // Its own process or more, and the orchestrator's.
        Assert.True(processes.Count > 1, "Nothing was seen running.");
        await Until.TrueAsync(async () => !(await allContainers()).Intersect(containers).Any(), "the containers are gone");
        await Until.TrueAsync(() => !processes.Any(ProcessTree.IsAlive), "the processes are gone");

        await graph.StartAsync();
        Assert.Equal("READ", (await user.GetAsync($"/v1/messages/{before:D}")).Text("status"));
        await using var socket = await user.OpenAsync();
        var resumed = await socket.SubscribeAsync(conversation, since: seq);
        Assert.True(resumed.GetProperty("recovered").GetBoolean());
        var after = await user.PostAsync(conversation);
        var frames = await Graph.Statuses.ThreeOfAsync(socket, after);
        Assert.All(frames, frame => Assert.True(frame.Seq() > seq));
    }
}
