using System.Collections.Frozen;
using System.Net;
using Microsoft.Extensions.Options;

namespace Chat.Api.Http;

/// <summary>
/// Which web pages a browser may work for here, by the header <c>Origin</c>, which a page can't forge. Those configured, and the
/// host's own; in Development also this machine's own and the demo page opened as a file, whose origin is <c>null</c>. What is no
/// browser sends no origin and is not asked: it needs a token like everybody else.
/// </summary>
internal sealed class OriginPolicy(IOptions<AllowedOrigins> allowed, IHostEnvironment environment)
{
    private readonly FrozenSet<string> _configured = allowed.Value.Origins.Select(WebOrigin.Normalize).OfType<string>().ToFrozenSet();
    private readonly bool _development = environment.IsDevelopment();

    /// <summary>Whether a page of another host may call the API (CORS).</summary>
    public bool Allows(string origin) => WebOrigin.Normalize(origin) is { } page
        ? _configured.Contains(page) || (_development && WebOrigin.IsLoopback(page))
        : _development && origin == "null";

    /// <summary>
    /// Whether a WebSocket may be opened. A browser opens one to any host without asking it first, so that CORS protects nothing
    /// there (cross-site WebSocket hijacking).
    /// </summary>
    public bool AllowsSocket(HttpRequest request) => request.Headers.Origin switch
    {
        [] => true,
        [{ } origin] => Allows(origin) || (WebOrigin.Normalize(origin) is { } page && WebOrigin.IsHostOf(page, request)),
        _ => false,
    };

    /// <summary>
    /// Whether a token may be made for who has none yet: for the host's own pages and those configured, and not for those of every
    /// other port of this machine. By a loopback name or an address only, since any other name may have been pointed here.
    /// </summary>
    public bool AllowsToken(HttpRequest request) => request.Headers.Origin switch
    {
        [] => true,
        [{ } origin] => WebOrigin.Normalize(origin) is { } page
            && (_configured.Contains(page) || (WebOrigin.IsHostOf(page, request) && IsNotARenamedHost(page))),
        _ => false,
    };

    private static bool IsNotARenamedHost(string page) =>
        WebOrigin.IsLoopback(page) || IPAddress.TryParse(new Uri(page).Host, out _);
}
