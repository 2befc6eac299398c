using System.Net.Http.Json;
using System.Text.Json;

namespace Chat.LoadTest.Faults;

/// <summary>A message as the store has it.</summary>
/// <param name="Facts">How many of SENT, DELIVERED, READ stand.</param>
internal sealed record StoredMessage(Guid Id, byte Rank, int Facts);

/// <summary>All of a conversation.</summary>
/// <param name="Seq">The conversation's number before its items were read.</param>
internal sealed record ConversationPage(IReadOnlyList<StoredMessage> Items, long Seq);

/// <summary>Reads what the store holds over REST, all pages of a conversation.</summary>
internal sealed class StoreReader(HttpClient http, string token)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Asks until it has all pages; null where it was cancelled.</summary>
    public async Task<ConversationPage?> ReadAsync(Uri api, Guid conversation, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                return await ReadOnceAsync(api, conversation, cancellationToken);
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                await Task.Delay(Pause, CancellationToken.None);
            }
        }
        return null;
    }

    private async Task<ConversationPage> ReadOnceAsync(Uri api, Guid conversation, CancellationToken cancellationToken)
    {
        var items = new List<StoredMessage>();
        long? seq = null;
        string? before = null;
        do
        {
            var path = $"/v1/conversations/{conversation:D}/messages?limit=200{(before is null ? "" : $"&before={before}")}";
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(api, path));
            request.Headers.Authorization = new("Bearer", token);
            using var response = await http.SendAsync(request, cancellationToken);
            response.EnsureSuccessStatusCode();
            var page = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            seq ??= page.GetProperty("seq").GetInt64();
            foreach (var item in page.GetProperty("items").EnumerateArray())
            {
                var facts = item.GetProperty("facts");
                items.Add(new(
                    item.GetProperty("messageId").GetGuid(),
                    Rank.Parse(item.GetProperty("status").GetString()),
                    Has(facts, "sent") + Has(facts, "delivered") + Has(facts, "read")));
            }
            before = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (before is not null);
        return new(items, seq.Value);
    }

    private static int Has(JsonElement facts, string name) =>
        facts.TryGetProperty(name, out var fact) && fact.ValueKind == JsonValueKind.Object ? 1 : 0;
}
