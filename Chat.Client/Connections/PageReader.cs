using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Chat.Client.Connections;

/// <summary>Reads pages of conversations over REST.</summary>
internal sealed class PageReader(HttpClient http, ChatAddress address, TokenSource tokens, TimeSpan timeout, TimeProvider time)
{
    /// <exception cref="HttpRequestException">The server refused, or couldn't be reached.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    /// <exception cref="System.Text.Json.JsonException">It answered with something else.</exception>
    public async Task<ConversationPage> ReadAsync(
        Guid conversationId, int limit, string? before, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var uri = address.Page(conversationId, limit, before);
            var response = await SendAsync(uri, tokens.Current ?? await tokens.FetchAsync(either.Token), either.Token);
            if (response.StatusCode == HttpStatusCode.Unauthorized && tokens.IsRenewable)
            {
                response.Dispose();
                response = await SendAsync(uri, await tokens.FetchAsync(either.Token), either.Token);
            }
            using (response)
            {
                response.EnsureSuccessStatusCode();
                return await response.Content.ReadFromJsonAsync(ClientJsonContext.Default.ConversationPage, either.Token)
                    ?? throw new System.Text.Json.JsonException("The answer is no page.");
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The server gave no page within {timeout.TotalSeconds:0.#} s.");
        }
    }

    private async Task<HttpResponseMessage> SendAsync(Uri uri, string token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }
}
