namespace Chat.MetaSimulator.Media;

/// <summary>A file elsewhere, and the type of the message that it goes with.</summary>
public sealed record MediaLink(string Type, Uri Address);

/// <summary>A file that was fetched, or why it was not.</summary>
internal sealed record FetchedFile(byte[] Bytes, string MimeType, string? Fault);

/// <summary>
/// Fetches what a request names by a link, as Meta does: without a redirect or a login, within a time, and no more than it takes.
/// </summary>
internal sealed class LinkFetcher(IHttpClientFactory clients, TimeProvider time)
{
    /// <summary>The name of the HTTP client, which follows no redirects.</summary>
    public const string Client = "links";

    private const int Ok = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Why one of the links is no file that goes as its type; null where all are.</summary>
    public async Task<string?> FindFaultAsync(string channel, IEnumerable<MediaLink> links, CancellationToken cancellationToken)
    {
        foreach (var link in links)
        {
            if ((await FetchAsync(channel, link, cancellationToken)).Fault is { } fault) return fault;
        }
        return null;
    }

    public async Task<FetchedFile> FetchAsync(string channel, MediaLink link, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            using var client = clients.CreateClient(Client);
            using var response = await client.GetAsync(link.Address, HttpCompletionOption.ResponseHeadersRead, end.Token);
            if ((int)response.StatusCode != Ok) return Failed($"with http code {(int)response.StatusCode}");
            var mime = response.Content.Headers.ContentType?.ToString() ?? "";
            var bytes = await ReadAsync(response.Content, MediaTypes.MostOf(channel, link.Type), end.Token);
            return new(bytes, mime, MediaTypes.Wrong(channel, link.Type, mime, bytes.Length));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"in {Patience.TotalSeconds:0} seconds");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return Failed(exception.Message);
        }
    }

    // One byte beyond shows that there is more.
    private static async Task<byte[]> ReadAsync(HttpContent content, long most, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var bytes = new MemoryStream();
        var buffer = new byte[64 << 10];
        while (bytes.Length <= most && await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read) bytes.Write(buffer, 0, read);
        return bytes.ToArray();
    }

    private static FetchedFile Failed(string how) => new([], "", $"Downloading media from weblink failed {how}");
}
