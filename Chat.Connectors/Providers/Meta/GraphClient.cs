using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using Chat.Core.Json;
using Chat.Core.Providers;

namespace Chat.Connectors.Providers.Meta;

/// <summary>
/// Calls a Graph API once, and says what came of it: the difference between "nothing was sent" and "no answer came" decides whether a
/// message may be sent again. Tries nothing twice.
/// </summary>
internal sealed class GraphClient(IHttpClientFactory clients, TimeProvider time) : IGraphPosts
{
    internal const string ClientName = "graph";

    private const int MaxAnswer = 1024 * 1024;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private static readonly JsonDocumentOptions AnswerOptions = new() { MaxDepth = 32 };

    /// <inheritdoc/>
    public async Task<GraphReply> PostAsync(
        GraphOptions options, string path, string token, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(json);
        content.Headers.ContentType = Json;
        using var request = new HttpRequestMessage(HttpMethod.Post, options.UrlOf(path));
        request.Content = content;
        return await SendAsync(request, options, token, cancellationToken);
    }

    /// <summary>Asks for something, at a URL of this provider's.</summary>
    /// <inheritdoc cref="PostAsync"/>
    public async Task<GraphReply> GetAsync(GraphOptions options, Uri url, string token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        return await SendAsync(request, options, token, cancellationToken);
    }

    private async Task<GraphReply> SendAsync(
        HttpRequestMessage request, GraphOptions options, string token, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new("Bearer", token);
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var client = clients.CreateClient(ClientName);
        client.Timeout = Timeout.InfiniteTimeSpan;
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ending.Token);
            return await ReadAsync(response, ending.Token);
        }
        catch (HttpRequestException exception) when (WasNotSent(exception.HttpRequestError))
        {
            return new GraphReply.NotSent($"no connection ({exception.HttpRequestError})");
        }
        catch (HttpRequestException exception)
        {
            return new GraphReply.NoAnswer($"the connection broke ({exception.HttpRequestError})");
        }
        catch (IOException exception)
        {
            return new GraphReply.NoAnswer($"the connection broke ({exception.GetType().Name})");
        }
        catch (OperationCanceledException) when (!ending.IsCancellationRequested)
        {
            // The handler's own time for making a connection.
            return new GraphReply.NotSent("no connection in time");
        }
        catch (OperationCanceledException)
        {
            return new GraphReply.NoAnswer(timeout.IsCancellationRequested ? "no answer in time" : "the service stopped");
        }
    }

    private static bool WasNotSent(HttpRequestError error) => error is
        HttpRequestError.NameResolutionError
        or HttpRequestError.ConnectionError
        or HttpRequestError.SecureConnectionError
        or HttpRequestError.ProxyTunnelError;

    private static async Task<GraphReply> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var retryAfter = RetryAfterOf(response);
        var bytes = await ReadBodyAsync(response.Content, cancellationToken);
        using var document = JsonGate.Parse(bytes, MaxAnswer, AnswerOptions, out _);
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Object)
            return new GraphReply.Foreign(response.StatusCode, retryAfter);
        if (GraphError.TryRead(document.RootElement, response.StatusCode, retryAfter) is { } error) return new GraphReply.Failure(error);
        return response.IsSuccessStatusCode
            ? new GraphReply.Success(document.RootElement.Clone())
            : new GraphReply.Foreign(response.StatusCode, retryAfter);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var body = new ArrayBufferWriter<byte>();
        // One byte more than there may be: what is longer is no answer of Graph's.
        while (body.WrittenCount <= MaxAnswer)
        {
            var read = await stream.ReadAsync(body.GetMemory(4096), cancellationToken);
            if (read == 0) break;
            body.Advance(read);
        }
        return body.WrittenMemory;
    }

    private static TimeSpan? RetryAfterOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } when delta > TimeSpan.Zero => delta,
        // A time of the server's, by its own clock.
        { Date: { } date } when response.Headers.Date is { } sent && date > sent => date - sent,
        _ => null,
    };
}
