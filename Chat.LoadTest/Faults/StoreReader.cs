using System.Net;
using Chat.Client;

namespace Chat.LoadTest.Faults;

/// <summary>A message as the store has it.</summary>
/// <param name="Facts">How many of SENT, DELIVERED, READ stand.</param>
internal sealed record StoredMessage(Guid Id, byte Rank, int Facts);

/// <summary>All of a conversation.</summary>
internal sealed record StoredConversation(IReadOnlyList<StoredMessage> Items);

/// <summary>Reads what the store holds over REST, all pages of a conversation.</summary>
internal sealed class StoreReader(HttpClient http, string token)
{
    private const int PageSize = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Asks until it has all pages; null where it was cancelled.</summary>
    /// <exception cref="HttpRequestException">It is refused for good, by a 4xx.</exception>
    public async Task<StoredConversation?> ReadAsync(Uri api, Guid conversation, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                return await ReadOnceAsync(api, conversation, cancellationToken);
            }
            catch (Exception exception)
                when (exception is TimeoutException or OperationCanceledException
                    || (exception is HttpRequestException refused && !IsForGood(refused.StatusCode)))
            {
                await Task.Delay(Pause, CancellationToken.None);
            }
        }
        return null;
    }

    /// <summary>All messages of the conversations.</summary>
    public async Task<Dictionary<Guid, StoredMessage>> ReadAllAsync(
        Uri api, IReadOnlyList<Guid> conversations, CancellationToken cancellationToken)
    {
        var stored = new Dictionary<Guid, StoredMessage>();
        foreach (var conversation in conversations)
        {
            var all = await ReadAsync(api, conversation, cancellationToken) ?? throw new OperationCanceledException();
            foreach (var message in all.Items) stored[message.Id] = message;
        }
        return stored;
    }

    private async Task<StoredConversation> ReadOnceAsync(Uri api, Guid conversation, CancellationToken cancellationToken)
    {
        var items = new List<StoredMessage>();
        await using var client = new ChatStatusClient(api, token, new() { HttpClient = http });
        string? before = null;
        do
        {
            var page = await client.LoadPageAsync(conversation, PageSize, before, cancellationToken);
            foreach (var item in page.Items)
            {
                var facts = item.Facts;
                var count = Count(facts?.Sent) + Count(facts?.Delivered) + Count(facts?.Read);
                items.Add(new(item.MessageId, Rank.From(item.Status), count));
            }
            before = page.Next;
        }
        while (before is not null);
        return new(items);
    }

    private static bool IsForGood(HttpStatusCode? status) =>
        status is >= HttpStatusCode.BadRequest and var answered && !MessagePost.MayPass(answered);

    private static int Count(MessageFact? fact) => fact is null ? 0 : 1;
}
