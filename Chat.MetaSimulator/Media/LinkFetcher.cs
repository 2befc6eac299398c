namespace Chat.MetaSimulator.Media;

/// <summary>A file elsewhere, and the channel and the type of the message that it goes with.</summary>
public sealed record MediaLink(string Channel, string Type, Uri Address)
{
    /// <summary>The address that a text is; null where it is none that a file may have.</summary>
    public static Uri? ReadAddress(string? link) =>
        Uri.TryCreate(link, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https") ? uri : null;
}

/// <summary>A file that was fetched, or why it was not.</summary>
internal sealed record FetchedFile(byte[] Bytes, string MimeType, string? Fault);

/// <summary>
/// Fetches what a request names by a link, as Meta does: without a redirect or a login, within a time, and no more than it takes. Whoever
/// asks is told no more of another machine than a status or a type: what else went wrong is in the log alone.
/// </summary>
internal sealed partial class LinkFetcher(IHttpClientFactory clients, TimeProvider time, ILogger<LinkFetcher> logger)
    : IDisposable
{
    /// <summary>The name of the HTTP client, which follows no redirects.</summary>
    public const string Client = "links";

    private const int Ok = 200;
    private const int MostAtOnce = 16;
    private const string Agent = "Chat.MetaSimulator/1.0";

    private static readonly TimeSpan ToHeaders = TimeSpan.FromSeconds(5);

    // All links of a request: its sender waits for 30 seconds, if that is Chat.
    private static readonly TimeSpan ToEnd = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _room = new(MostAtOnce);

    /// <summary>Why one of the links is no file that goes as its type, the first that is none; null where all are.</summary>
    public async Task<string?> FindFaultAsync(IEnumerable<MediaLink> links, CancellationToken cancellationToken)
    {
        var fetched = await Task.WhenAll(links.Select(link => ReadAsync(link, Stream.Null, cancellationToken)));
        return fetched.Select(f => f.Fault).FirstOrDefault(fault => fault is not null);
    }

    public async Task<FetchedFile> FetchAsync(MediaLink link, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var (mime, fault) = await ReadAsync(link, bytes, cancellationToken);
        return new(fault is null ? bytes.ToArray() : [], mime, fault);
    }

    public void Dispose() => _room.Dispose();

    private async Task<(string Mime, string? Fault)> ReadAsync(MediaLink link, Stream into, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(ToEnd, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await _room.WaitAsync(end.Token);
            try
            {
                return await ReadNowAsync(link, into, end.Token);
            }
            finally
            {
                _room.Release();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed("in time");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            LogNotFetched(link.Address.Host, exception.Message);
            return Failed("since no answer came from there");
        }
    }

    private async Task<(string Mime, string? Fault)> ReadNowAsync(MediaLink link, Stream into, CancellationToken end)
    {
        using var client = clients.CreateClient(Client);
        using var request = new HttpRequestMessage(HttpMethod.Get, link.Address);
        request.Headers.UserAgent.ParseAdd(Agent);
        using var patience = new CancellationTokenSource(ToHeaders, time);
        using var headers = CancellationTokenSource.CreateLinkedTokenSource(end, patience.Token);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, headers.Token);
        if ((int)response.StatusCode != Ok) return Failed($"with http code {(int)response.StatusCode}");
        var mime = response.Content.Headers.ContentType?.ToString() ?? "";
        // What can't go by its headers is not read.
        var wrong = MediaTypes.Wrong(link.Channel, link.Type, mime, response.Content.Headers.ContentLength ?? 0);
        if (wrong is not null) return (mime, wrong);
        var bytes = await CopyAsync(response.Content, into, MediaTypes.MostOf(link.Channel, link.Type), end);
        return (mime, MediaTypes.Wrong(link.Channel, link.Type, mime, bytes));
    }

    /// <summary>How many bytes there are; one beyond shows that there are more than go.</summary>
    private static async Task<long> CopyAsync(HttpContent content, Stream into, long most, CancellationToken end)
    {
        await using var stream = await content.ReadAsStreamAsync(end);
        var buffer = new byte[64 << 10];
        var bytes = 0L;
        while (bytes <= most && await stream.ReadAsync(buffer, end) is > 0 and var read)
        {
            bytes += read;
            await into.WriteAsync(buffer.AsMemory(0, read), end);
        }
        return bytes;
    }

    private static (string, string?) Failed(string how) => ("", $"Downloading media from weblink failed {how}");

    [LoggerMessage(LogEvents.LinkNotFetched, LogLevel.Warning, "A file at {Host} was not fetched: {Reason}")]
    private partial void LogNotFetched(string host, string reason);
}
