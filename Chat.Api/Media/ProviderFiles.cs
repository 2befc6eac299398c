using System.Buffers;
using System.Net;
using System.Text.Json;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Json;
using Chat.Core.Providers;
using Microsoft.Extensions.Options;

namespace Chat.Api.Media;

/// <summary>What a provider answers that is asked for a file.</summary>
internal abstract record FileAnswer
{
    /// <summary>It comes; to be disposed of.</summary>
    public sealed record Found(HttpResponseMessage Response) : FileAnswer;

    /// <summary>The provider has it no more, or where it is named is no place of the provider's.</summary>
    public sealed record Gone : FileAnswer
    {
        public static Gone Instance { get; } = new();
    }

    /// <summary>It is larger than what is passed on.</summary>
    public sealed record TooLarge : FileAnswer
    {
        public static TooLarge Instance { get; } = new();
    }

    /// <summary>The provider does not answer, or not now.</summary>
    public sealed record NotNow : FileAnswer
    {
        public static NotNow Instance { get; } = new();
    }
}

/// <summary>
/// Fetches files that people sent from their provider: WhatsApp's by an id, whose address is asked for and counts for five minutes, with
/// the account's token; Instagram's by a link, without one. No other host than the provider's is ever asked.
/// </summary>
internal sealed class ProviderFiles(
    IHttpClientFactory clients, IOptions<ProvidersOptions> options, IOptions<MediaOptions> media, TimeProvider time)
{
    public const string ClientName = "provider-files";

    private const int CopyBytes = 64 * 1024;

    private const int MaxLookUp = 64 * 1024;

    /// <summary>Of the channel of an account.</summary>
    public GraphOptions OptionsOf(string channel) =>
        channel == ChannelCatalog.Instagram ? options.Value.Instagram : options.Value.WhatsApp;

    /// <summary>Asks for a file; answers once its first bytes come.</summary>
    public async Task<FileAnswer> OpenAsync(KnownAccount account, MessageFile file, CancellationToken cancellationToken)
    {
        var graph = OptionsOf(account.Key.Channel);
        using var timeout = new CancellationTokenSource(graph.Timeout, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return account.Key.Channel == ChannelCatalog.WhatsApp
                ? await OpenByIdAsync(graph, account, file.Id, ending.Token)
                : await OpenAsync(graph, file.Link, token: null, ending.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return FileAnswer.NotNow.Instance;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return FileAnswer.NotNow.Instance;
        }
    }

    /// <summary>
    /// Passes a file on. False where it ended before its end: the provider fell silent or said less than it had announced, it is larger
    /// than is passed on, or its reader is too slow.
    /// </summary>
    public async Task<bool> CopyAsync(
        string channel, HttpResponseMessage response, Stream target, CancellationToken cancellationToken)
    {
        var graph = OptionsOf(channel);
        var left = graph.MaxFileBytes;
        using var late = new CancellationTokenSource(media.Value.MaxTime, time);
        using var silent = new CancellationTokenSource(graph.Timeout, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(late.Token, silent.Token, cancellationToken);
        try
        {
            await using var source = await response.Content.ReadAsStreamAsync(ending.Token);
            var buffer = new byte[CopyBytes];
            while (true)
            {
                // Counted anew for each piece that comes, and for each that goes.
                silent.CancelAfter(graph.Timeout);
                var read = await source.ReadAsync(buffer, ending.Token);
                if (read == 0) return true;
                left -= read;
                // The provider did not say how much it is.
                if (left < 0) return false;
                silent.CancelAfter(graph.Timeout);
                await target.WriteAsync(buffer.AsMemory(0, read), ending.Token);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<FileAnswer> OpenByIdAsync(
        GraphOptions graph, KnownAccount account, string? id, CancellationToken cancellationToken)
    {
        if (id is null) return FileAnswer.Gone.Instance;
        if (account.Credentials.AccessToken is not { } token) return FileAnswer.NotNow.Instance;
        var url = graph.UrlOf($"{Uri.EscapeDataString(id)}?phone_number_id={Uri.EscapeDataString(account.Key.AccountId)}");
        using var response = await SendAsync(url, token, cancellationToken);
        if (!response.IsSuccessStatusCode) return AnswerOf(response.StatusCode);
        return await OpenAsync(graph, await ReadUrlAsync(response.Content, cancellationToken), token, cancellationToken);
    }

    private async Task<FileAnswer> OpenAsync(GraphOptions graph, string? link, string? token, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(link, UriKind.Absolute, out var url) || !graph.IsOfFiles(url)) return FileAnswer.Gone.Instance;
        var response = await SendAsync(url, token, cancellationToken);
        if (response.IsSuccessStatusCode && !(response.Content.Headers.ContentLength > graph.MaxFileBytes))
            return new FileAnswer.Found(response);
        using (response) return response.IsSuccessStatusCode ? FileAnswer.TooLarge.Instance : AnswerOf(response.StatusCode);
    }

    private async Task<HttpResponseMessage> SendAsync(Uri url, string? token, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(ClientName);
        client.Timeout = Timeout.InfiniteTimeSpan;
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (token is not null) request.Headers.Authorization = new("Bearer", token);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    // What asks for another token, or for patience, may be there later.
    private static FileAnswer AnswerOf(HttpStatusCode status) =>
        status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests || (int)status >= 500
            ? FileAnswer.NotNow.Instance
            : FileAnswer.Gone.Instance;

    private static async Task<string?> ReadUrlAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var body = new ArrayBufferWriter<byte>();
        while (body.WrittenCount <= MaxLookUp)
        {
            var read = await stream.ReadAsync(body.GetMemory(4096), cancellationToken);
            if (read == 0) break;
            body.Advance(read);
        }
        using var answer = JsonGate.Parse(body.WrittenMemory, MaxLookUp, options: default, out _);
        return answer?.RootElement is { ValueKind: JsonValueKind.Object } root
            && root.TryGetProperty("url", out var url)
            && url.ValueKind == JsonValueKind.String
                ? url.GetString()
                : null;
    }
}
