using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace Chat.Tests.Graph;

/// <summary>What a crash of every process costs: nothing that was acknowledged. The graph must not be shared with other tests.</summary>
public static class RestartScenarios
{
    /// <summary>
    /// Posts as fast as it can, kills everything in the middle of it and starts it again: every message answered with 202
    /// becomes READ, and a client that resumes from the last frame it got is shown that of each, never going backwards, and no
    /// frame twice.
    /// </summary>
    public static async Task Every_message_answered_with_202_before_a_kill_becomes_READ(IChatGraph graph, int killAfter, int kills)
    {
        using var user = new TestUser(graph);
        var conversations = Enumerable.Range(0, 4).Select(_ => Guid.NewGuid()).ToArray();
        var accepted = new ConcurrentDictionary<Guid, Guid>();
        var seen = conversations.ToDictionary(c => c, _ => new List<JsonElement>());
        for (var i = 0; i < kills; i++)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            await using var socket = await user.OpenAsync();
            await SubscribeAsync(socket, seen);
            var watching = WatchAsync(socket, seen);
            var before = accepted.Count;
            var posting = Enumerable.Range(0, 8).Select(n => PostAsync(user, conversations, n, accepted, stop.Token)).ToArray();
            await Until.TrueAsync(() => accepted.Count >= before + killAfter, $"{killAfter} messages are accepted");
            await graph.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(posting);
            await watching;
            await graph.StartAsync();
        }

        foreach (var conversation in conversations)
        {
            Dictionary<Guid, string> statuses = [];
            await Until.TrueAsync(
                async () =>
                {
                    statuses = await user.StatusesAsync(conversation);
                    return accepted.Where(a => a.Value == conversation).All(a => statuses.GetValueOrDefault(a.Key) == "READ");
                },
                "every accepted message is READ",
                TimeSpan.FromMinutes(2));
        }

        await using (var socket = await user.OpenAsync())
        {
            await SubscribeAsync(socket, seen);
            foreach (var frame in await socket.DrainAsync()) seen[frame.Id("conversationId")].Add(frame);
        }
        foreach (var (conversation, frames) in seen)
        {
            var seqs = frames.Select(f => f.Seq()).ToList();
            Assert.Equal(seqs.Distinct().Order(), seqs);
            var shown = frames.ToLookup(f => f.Id("messageId"));
            foreach (var (message, _) in accepted.Where(a => a.Value == conversation)) Statuses.AssertEndsInRead(shown[message]);
        }
    }

    /// <summary>Subscribes to each conversation from where its last frame left off; from its beginning where there was none.</summary>
    private static async Task SubscribeAsync(TestSocket socket, Dictionary<Guid, List<JsonElement>> seen)
    {
        foreach (var (conversation, frames) in seen)
        {
            await socket.SendAsync(new
            {
                type = "subscribe",
                conversationId = conversation,
                since = frames.Count > 0 ? frames[^1].Seq() : 0,
            });
            while (true)
            {
                var frame = await socket.NextAsync();
                if (frame.Is("subscribed"))
                {
                    Assert.True(frame.GetProperty("recovered").GetBoolean());
                    break;
                }
                seen[frame.Id("conversationId")].Add(frame);
            }
        }
    }

    /// <summary>Until the socket is gone, however long it takes: on a machine that lags nothing may come for a while.</summary>
    private static async Task WatchAsync(TestSocket socket, Dictionary<Guid, List<JsonElement>> seen)
    {
        await foreach (var frame in socket.Frames.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            Assert.True(frame.Is("message.status"), frame.ToString());
            seen[frame.Id("conversationId")].Add(frame);
        }
    }

    private static async Task PostAsync(
        TestUser user, Guid[] conversations, int number, ConcurrentDictionary<Guid, Guid> accepted, CancellationToken stop)
    {
        for (var i = number; !stop.IsCancellationRequested; i++)
        {
            var conversation = conversations[i % conversations.Length];
            try
            {
                using var response = await user.SendAsync(HttpMethod.Post, "/v1/messages", user.Body(conversation));
                if (response.StatusCode == HttpStatusCode.Accepted)
                    accepted[(await Json.ReadAsync(response)).Id("messageId")] = conversation;
            }
            catch (HttpRequestException)
            {
                // Killed before it answered: what it did then is nobody's promise.
                return;
            }
            catch (IOException)
            {
                return;
            }
        }
    }
}
