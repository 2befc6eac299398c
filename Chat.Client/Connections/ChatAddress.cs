namespace Chat.Client.Connections;

/// <summary>Where a server is, and its endpoints. Its address may have a path, as behind a proxy.</summary>
internal sealed class ChatAddress
{
    private readonly Uri _base;

    /// <exception cref="ArgumentException">It is no address of a server.</exception>
    public ChatAddress(Uri address)
    {
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https" or "ws" or "wss"))
            throw new ArgumentException($"{address} is no server's address: give one as http://localhost:5000", nameof(address));
        var scheme = address.Scheme is "https" or "wss" ? "https" : "http";
        var path = address.AbsolutePath.TrimEnd('/') + "/";
        _base = new UriBuilder(address) { Scheme = scheme, Path = path, Query = "", Fragment = "" }.Uri;
    }

    public Uri Socket => new UriBuilder(new Uri(_base, "ws/status")) { Scheme = _base.Scheme == "https" ? "wss" : "ws" }.Uri;

    public Uri Page(Guid conversationId, int limit, string? before)
    {
        var from = before is null ? "" : $"&before={Uri.EscapeDataString(before)}";
        return new(_base, $"v1/conversations/{conversationId:D}/messages?limit={limit}{from}");
    }
}
