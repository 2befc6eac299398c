using System.Collections.Concurrent;
using Chat.Client;
using Chat.Tests.Graph;

namespace Chat.Tests.Client;

/// <summary>The .NET client on the running product, which may be killed under it.</summary>
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
            // Statuses that one batch recorded show the same derived status, each in a frame of its own: it repeats, and never goes back.
            Assert.Equal(statuses.Order(), statuses);
            Assert.Equal(MessageStatus.Read, statuses[^1]);
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
        var refused = errors.Single();
        Assert.Equal(("forbidden", false, conversation), (refused.Code, refused.Retryable, refused.ConversationId));
    }

    [Fact]
    public async Task A_client_that_lives_through_a_kill_shows_every_accepted_message_as_READ()
    {
        using var user = new TestUser(standalone);
        var conversation = Guid.NewGuid();
        var shown = new ConcurrentDictionary<Guid, MessageStatus>();
        var backwards = 0;
        var starts = new ConcurrentQueue<SubscriptionStart>();
        // The server needs a second or two to be back: there is no use in long delays here.
        var options = new ChatStatusClientOptions { ReconnectCap = TimeSpan.FromSeconds(1) };
        await using var client = new ChatStatusClient(standalone.Apis[^1], user.Token, options);
        client.SubscriptionStarted += (_, start) => starts.Enqueue(start);
        client.StatusChanged += (_, change) =>
        {
            if (shown.TryGetValue(change.MessageId, out var before) && change.Status < before) backwards++;
            shown[change.MessageId] = change.Status;
        };
        client.Connect();
        using var subscription = client.Subscribe(conversation);
        await Until.TrueAsync(() => starts.Count == 1, "it is subscribed");

        var accepted = new List<Guid>();
        for (var i = 0; i < 20; i++) accepted.Add(await user.PostAsync(conversation));
        await Until.TrueAsync(() => !shown.IsEmpty, "the first statuses are shown");
        await standalone.KillAsync();
        await standalone.StartAsync();
        for (var i = 0; i < 20; i++) accepted.Add(await user.PostAsync(conversation));

        await Until.TrueAsync(
            () => accepted.All(m => shown.GetValueOrDefault(m) == MessageStatus.Read), "every accepted message is shown as READ");
        Assert.Equal(0, backwards);
        Assert.True(starts.Count >= 2);
        Assert.All(starts.Skip(1), s => Assert.True(s.Recovered));
    }
}
