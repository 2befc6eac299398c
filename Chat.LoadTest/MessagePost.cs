using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Chat.LoadTest;

/// <summary>A post of a message: its request, and what its answer says.</summary>
internal static class MessagePost
{
    /// <param name="api">Where the API is; a path ends with a slash.</param>
    /// <param name="body">As JSON writes it.</param>
    /// <param name="key">The idempotency key; null for none.</param>
    public static HttpRequestMessage Create(Uri api, string token, object body, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(api, "v1/messages")) { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new("Bearer", token);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return request;
    }

    /// <summary>Whether what was answered so may be answered otherwise later: too slow, too often, or a fault of the server's.</summary>
    public static bool MayPass(HttpStatusCode status) => (int)status is 408 or 429 or >= 500;

    /// <summary>The message's id; null where the body of a 202 has none.</summary>
    public static Guid? ReadId(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("messageId", out var text)
                && text.ValueKind == JsonValueKind.String
                && text.TryGetGuid(out var id)
                    ? id
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
