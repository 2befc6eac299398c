using System.Net;
using System.Text.Json;
using Chat.Connectors;
using Chat.Core.Log;
using Chat.Core.PutBack;
using Chat.RouterWorker;
using Chat.StatusWorker;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Tools;

/// <summary>
/// Nothing keeps two instances, or two people with the command, from putting the same dead letter back at the same moment: both see that
/// nobody did. Then it is in its topic twice, and what comes of it is what comes of once. (That a real provider gets a message once,
/// however often its event comes, is AccountSendingTests' and SentOnceTests'.)
/// </summary>
public sealed class PutBackTwiceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Consumers => new()
    {
        { Topics.Messages, ConsumerGroup.RouterWorker },
        { Topics.Outbound("whatsapp"), ConsumerGroup.OfConnectors("whatsapp").Group },
        { Topics.Status, ConsumerGroup.StatusWorker },
    };

    [Theory]
    [MemberData(nameof(Consumers))]
    public async Task What_two_put_back_at_once_counts_once(string topic, string group)
    {
        var folder = ApiHost.NewFolder();
        try
        {
            var desk = new Desk();
            var message = await PutAsideAsync(folder, desk, new(group, topic));
            await using var host = await StartAsync(folder, _ => true);
            await using var socket = await TestSocket.OpenAsync(host.Client.BaseAddress!, desk.Token);
            await socket.ExpectAsync("connected");
            await socket.SubscribeAsync(desk.Conversation, since: 0);

            await PutBackByTwoAsync(host);
            var timeline = new List<JsonElement>();
            await Until.TrueAsync(
                async () =>
                {
                    var answer = (await host.GetAsync($"/v1/messages/{message}/timeline", desk.Token)).Is(HttpStatusCode.OK).Json;
                    timeline = [.. answer.GetProperty("items").EnumerateArray()];
                    return timeline.Count == 6;
                },
                "each status came twice");
            await WorkedOffAsync(host);

            // The second of each changed nothing, and says so; no socket was told of it.
            Assert.Equal(["SENT", "DELIVERED", "READ", "SENT", "DELIVERED", "READ"], timeline.Select(e => e.Text("status")));
            Assert.All(timeline.Skip(3), e => Assert.StartsWith("a copy: ", e.Text("notApplied"), StringComparison.Ordinal));
            var told = new List<JsonElement>();
            while (told.Count < 3) told.Add(await socket.ExpectAsync("message.status"));
            told.AddRange(await socket.DrainAsync());
            Assert.Equal(
                timeline.Take(3).Select(e => e.GetProperty("seq").GetInt64()), told.Select(f => f.GetProperty("seq").GetInt64()));
            var page = (await host.GetAsync($"/v1/conversations/{desk.Conversation}/messages", desk.Token)).Is(HttpStatusCode.OK).Json;
            Assert.Equal("READ", Assert.Single(page.GetProperty("items").EnumerateArray()).Text("status"));
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A message whose way ended at a topic: the consumer put aside what was there.</summary>
    private static async Task<Guid> PutAsideAsync(string folder, Desk desk, ConsumerGroup group)
    {
        await using var host = await StartAsync(folder, worker => worker != group.Group);
        var posted = await host.PostAsync("/v1/messages", desk.Token, desk.Body(more: ",\"canal\":\"whatsapp\""));
        // A message's announcement, and three statuses.
        var wanted = group.Topic == Topics.Status ? 4 : 1;
        var aside = 0;
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        done.CancelAfter(Until.Deadline);
        await host.Log.ConsumeAsync(
            group,
            async (partition, revoked) =>
            {
                while (true)
                {
                    foreach (var e in await partition.ReadAsync(100, revoked))
                    {
                        await host.Log.AppendAsync(DeadLetters.From(partition.Partition, e, "a defect"), revoked);
                        await partition.CommitAsync(e.Offset + 1, revoked);
                        if (Interlocked.Increment(ref aside) == wanted) await done.CancelAsync();
                    }
                }
            },
            done.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        Assert.Equal(wanted, aside);
        return posted.Is(HttpStatusCode.Accepted).Json.GetProperty("messageId").GetGuid();
    }

    /// <summary>Both look before either has put one back.</summary>
    private static async Task PutBackByTwoAsync(ApiHost host)
    {
        var box = host.App.Services.GetRequiredService<DeadLetterBox>();
        var seen = await Task.WhenAll(ListAsync(), ListAsync());
        foreach (var letters in seen)
        {
            Assert.All(letters, l => Assert.False(l.IsBack));
            foreach (var letter in letters) await box.PutBackAsync(letter, "somebody", Cancellation);
        }

        async Task<List<DeadLetter>> ListAsync()
        {
            var letters = new List<DeadLetter>();
            await foreach (var letter in box.ListAsync(Cancellation)) letters.Add(letter);
            return letters;
        }
    }

    /// <summary>Until each group has committed all that there is: what one appends the next ones see, so in their order.</summary>
    private static async Task WorkedOffAsync(ApiHost host)
    {
        var reader = host.App.Services.GetRequiredService<ILogReader>();
        foreach (var (topic, group) in Consumers.Select(row => row.Data))
        {
            await Until.TrueAsync(
                async () =>
                {
                    var committed = await reader.GetCommittedAsync(new(group, topic), Cancellation);
                    return (await reader.GetRangesAsync(topic, Cancellation)).All(r => r.Start == r.End || committed[r.Partition] >= r.End);
                },
                $"{group} has worked off {topic}");
        }
    }

    private static Task<ApiHost> StartAsync(string folder, Func<string, bool> runs) => ApiHost.StartAsync(
        new()
        {
            ["Connectors:Channels:whatsapp:DeliveredAfter"] = "00:00:00",
            ["Connectors:Channels:whatsapp:ReadAfter"] = "00:00:00",
        },
        folder: folder,
        configure: builder =>
        {
            if (runs(ConsumerGroup.RouterWorker)) builder.AddRouterWorker();
            if (runs(ConsumerGroup.OfConnectors("whatsapp").Group)) builder.AddConnectors();
            if (runs(ConsumerGroup.StatusWorker)) builder.AddStatusWorker();
        });
}
