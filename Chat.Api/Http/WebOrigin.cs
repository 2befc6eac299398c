using System.Buffers;

namespace Chat.Api.Http;

/// <summary>
/// A web page's origin (RFC 6454): scheme, host and port. In one spelling, as browsers write it: lower case, ASCII (IDNA), without
/// the scheme's default port.
/// </summary>
internal static class WebOrigin
{
    private const string AfterScheme = "://";

    private static readonly SearchValues<char> NoneOfAnAuthority = SearchValues.Create(@"/\?#@ ");

    /// <summary>
    /// An origin in that one spelling, whether it came in capitals, with its default port, with a slash at its end or in letters
    /// beyond ASCII; null where the text is no page's origin: another scheme, a path, a user's name.
    /// </summary>
    public static string? Normalize(string? text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)) return null;
        if (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps) return null;
        if (uri.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6)) return null;
        // The parser takes more than this: blanks around it, backslashes, an empty path or user.
        if (!text!.StartsWith(uri.Scheme + AfterScheme, StringComparison.OrdinalIgnoreCase)) return null;
        var rest = text.AsSpan(uri.Scheme.Length + AfterScheme.Length);
        if (rest.EndsWith('/')) rest = rest[..^1];
        if (rest.ContainsAny(NoneOfAnAuthority)) return null;
        try
        {
            var host = uri.HostNameType == UriHostNameType.Dns ? uri.IdnHost : uri.Host;
            return uri.IsDefaultPort ? $"{uri.Scheme}{AfterScheme}{host}" : $"{uri.Scheme}{AfterScheme}{host}:{uri.Port}";
        }
        catch (UriFormatException)
        {
            // A host that IDNA has no form of.
            return null;
        }
    }

    /// <summary>
    /// Whether an origin is the host that a request was sent to. An https page counts as such over http too: TLS ends before this
    /// server.
    /// </summary>
    public static bool IsHostOf(string origin, HttpRequest request) =>
        origin == Normalize($"{request.Scheme}{AfterScheme}{request.Host.Value}")
        || origin == Normalize($"{Uri.UriSchemeHttps}{AfterScheme}{request.Host.Value}");

    /// <summary>Whether an origin is on this machine by a name or address that nobody can point elsewhere.</summary>
    public static bool IsLoopback(string origin) => new Uri(origin).IsLoopback;
}
