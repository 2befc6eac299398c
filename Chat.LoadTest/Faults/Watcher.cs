using Chat.Client;

namespace Chat.LoadTest.Faults;

/// <summary>A client that watches conversations over one socket, from now on, and notes in the ledger what it shows.</summary>
/// <param name="maxPages">Of a conversation it loads so many of its newest messages at most, 200 a page, where changes are gone.</param>
internal sealed class Watcher(
    int number, Uri api, string token, IReadOnlyList<Guid> conversations, Ledger ledger, int maxPages = int.MaxValue)
{
    private readonly HashSet<Guid> _answered = [];
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Number { get; } = number;

    public int Connects { get; private set; }

    /// <summary>Conversations that the server had everything of when the client came back, and those that it had not.</summary>
    public int Recovered { get; private set; }

    public int Reloaded { get; private set; }

    /// <summary>Done once every conversation's first subscription was answered.</summary>
    public Task Subscribed => _subscribed.Task;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var client = new ChatStatusClient(api, token, new() { PageSize = 200, MaxPages = maxPages });
        client.ConnectionChanged += (_, change) => Connects += change.State == ConnectionState.Open ? 1 : 0;
        client.SubscriptionStarted += (_, subscription) => Count(subscription);
        client.StatusChanged += (_, change) =>
            ledger.Get(change.MessageId).Show(Number, Rank.From(change.Status), isFrame: !change.FromPage);
        client.ErrorOccurred += (_, error) => Console.Error.WriteLine($"client {Number}: {error}");
        foreach (var conversation in conversations) client.Subscribe(conversation);
        client.Connect();
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Count(SubscriptionStart subscription)
    {
        if (_answered.Add(subscription.ConversationId) && _answered.Count == conversations.Count) _subscribed.TrySetResult();
        if (subscription.Recovered is not { } recovered) return;
        if (recovered) Recovered++;
        else Reloaded++;
    }
}
