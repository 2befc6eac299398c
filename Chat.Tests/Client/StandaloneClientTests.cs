using System.Collections.Concurrent;
using Chat.Client;
using Chat.Tests.Graph;

namespace Chat.Tests.Client;

/// <summary>The .NET client on the running product.</summary>
public sealed class StandaloneClientTests(StandaloneProcess standalone) : IClassFixture<StandaloneProcess>
{
    [Fact]
    public async Task It_shows_every_status_of_a_message_and_what_it_missed_while_it_was_away()
    {
        using var user = new TestUser(standalone);
        var conversation = Guid.NewGuid();
        var shown = new ConcurrentQueue<StatusChange>();
        var starts = new ConcurrentQueue<SubscriptionStart>();
        await using var client = new ChatStatusClient(standalone.Apis[^1], _ => Task.FromResult(user.Token));
        client.StatusChanged += (_, change) => shown.Enqueue(change);
        client.SubscriptionStarted += (_, start) => starts.Enqueue(start);
        client.Connect();
        using var subscription = client.Subscribe(conversation);
        await Until.TrueAsync(() => starts.Count == 1, "it is subscribed");

        var first = await user.PostAsync(conversation);
        await Until.TrueAsync(() => shown.LastOrDefault()?.Status == MessageStatus.Read, "the first message is READ");
        client.Disconnect();
        var second = await user.PostAsync(conversation);
        await user.WaitForStatusAsync(second, "READ");
        client.Connect();
        await Until.TrueAsync(() => shown.Any(s => s.MessageId == second && s.Status == MessageStatus.Read), "so is the second");

        foreach (var message in new[] { first, second })
        {
            var statuses = shown.Where(s => s.MessageId == message).Select(s => s.Status).ToList();
            Assert.Equal(statuses.Distinct().Order(), statuses);
        }
        Assert.Equal([null, true], starts.Select(s => s.Recovered));
        var page = await client.LoadPageAsync(conversation, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([second, first], page.Items.Select(i => i.MessageId));
        Assert.All(page.Items, i => Assert.Equal(MessageStatus.Read, i.Status));
        Assert.Equal("Olá, mundo!", page.Items[0].Content.GetProperty("texto").GetString());
        Assert.True(page.Seq >= shown.Max(s => s.Seq));
    }

    [Fact]
    public async Task A_conversation_of_another_organization_is_refused_by_name()
    {
        using var owner = new TestUser(standalone);
        using var stranger = new TestUser(standalone);
        var conversation = Guid.NewGuid();
        await owner.PostAsync(conversation);
        var errors = new ConcurrentQueue<ClientError>();
        await using var client = new ChatStatusClient(standalone.Apis[^1], stranger.Token);
        client.ErrorOccurred += (_, error) => errors.Enqueue(error);
        client.Connect();
        using var subscription = client.Subscribe(conversation);

        await Until.TrueAsync(() => !errors.IsEmpty, "it is refused");
        Assert.Equal(("forbidden", false, conversation), (errors.Single().Code, errors.Single().Retryable, errors.Single().ConversationId));
    }
}
