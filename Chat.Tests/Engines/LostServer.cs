using System.Diagnostics;
using System.Net;
using Chat.Connectors;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.RouterWorker;
using Chat.StatusWorker;
using Chat.Tests.Api;
using Chat.Tests.Compliance;
using Chat.Tests.Graph;

namespace Chat.Tests.Engines;

/// <summary>
/// The whole pipeline in one process, one of whose servers dies or hangs and comes back: what is answered meanwhile, and after.
/// </summary>
internal static class LostServer
{
    /// <summary>As a service has the settings, but for times that a test can wait for.</summary>
    public static async Task RunAsync(
        ServerProcess server, bool hangs, string check, TimeSpan longestPost, Dictionary<string, string?> settings)
    {
        settings["Connectors:Channels:whatsapp:DeliveredAfter"] = "00:00:00";
        settings["Connectors:Channels:whatsapp:ReadAfter"] = "00:00:00";
        await using var chat = await ApiHost.StartAsync(settings, configure: builder =>
        {
            builder.AddRouterWorker();
            builder.AddStatusWorker();
            builder.AddConnectors();
        });
        var accepted = new List<MessageKey>();
        await Until.TrueAsync(
            async () => (await PostAsync(chat, accepted)).Status == HttpStatusCode.Accepted, "a post is taken", Deadline.Length);
        for (var i = 0; i < 20; i++) (await PostAsync(chat, accepted)).Is(HttpStatusCode.Accepted);
        await ReadAsync(chat, accepted);

        if (hangs) await server.SignalAsync("STOP");
        else await server.KillAsync();
        for (var round = 0; round < 2; round++)
        {
            // In bounded time, each, however many wait.
            var posts = Enumerable.Range(0, 8).Select(async _ =>
            {
                var started = Stopwatch.GetTimestamp();
                var answer = await PostAsync(chat, accepted);
                return (Answer: answer, Took: Stopwatch.GetElapsedTime(started));
            });
            foreach (var (answer, took) in await Task.WhenAll(posts))
            {
                answer.IsProblem(HttpStatusCode.ServiceUnavailable);
                Assert.NotNull(answer.Header("Retry-After"));
                Assert.True(took < longestPost, $"A post took {took}");
            }
        }
        var asked = Stopwatch.GetTimestamp();
        var health = await chat.GetAsync("/health");
        Assert.True(Stopwatch.GetElapsedTime(asked) < TimeSpan.FromSeconds(10), "health answers in bounded time");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.Status);
        Assert.Contains($"{check}: ", health.Body, StringComparison.Ordinal);
        (await chat.GetAsync("/alive")).Is(HttpStatusCode.OK);

        if (hangs) await server.SignalAsync("CONT");
        else await server.StartAsync();
        await Until.TrueAsync(
            async () => (await PostAsync(chat, accepted)).Status == HttpStatusCode.Accepted, "a post is taken again", Deadline.Length);
        await Until.TrueAsync(
            async () => (await chat.GetAsync("/health")).Status == HttpStatusCode.OK, "it is healthy again", Deadline.Length);
        await ReadAsync(chat, accepted);
    }

    // Fails with how far the messages came: stored by the router, handed over by the connector, read by the status worker.
    private static async Task ReadAsync(ApiHost chat, List<MessageKey> accepted)
    {
        IReadOnlyList<MessageState> states = [];
        await Until.TrueAsync(
            async () =>
            {
                states = await chat.Store.Messages.GetStatesAsync([.. accepted], TestContext.Current.CancellationToken);
                return states.All(s => s.Facts[StatusKind.Read] is not null);
            },
            () => $"of {accepted.Count} accepted messages {states.Count(s => s.Message is not null)} are stored, "
                + $"{states.Count(s => s.Facts[StatusKind.Sent] is not null)} sent, "
                + $"{states.Count(s => s.Facts[StatusKind.Read] is not null)} read",
            Deadline.Length);
    }

    private static async Task<Answer> PostAsync(ApiHost chat, List<MessageKey> accepted)
    {
        var conversation = Guid.NewGuid();
        var answer = await chat.PostAsync(
            "/v1/messages", ApiHost.Token(Bodies.User, Bodies.Organization), Bodies.With("conversaId", $"\"{conversation}\""));
        if (answer.Status != HttpStatusCode.Accepted) return answer;
        lock (accepted) accepted.Add(new(conversation, answer.Json.GetProperty("messageId").GetGuid()));
        return answer;
    }
}
