using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Chat.Api.Auth;

/// <summary>
/// Where a request carries its token: the header <c>Authorization: Bearer</c> anywhere; on <c>/ws</c> also the query's
/// <c>access_token</c>, since a browser can't set a header on a WebSocket.
/// </summary>
public static class AccessToken
{
    public const string QueryName = "access_token";

    private const string Scheme = "Bearer ";

    private static readonly PathString SocketPath = new("/ws");

    /// <summary>The request's token; null where it has none.</summary>
    public static string? Find(HttpContext context)
    {
        var header = context.Request.Headers[HeaderNames.Authorization];
        if (header is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return value[Scheme.Length..].Trim() is { Length: > 0 } token ? token : null;
        }
        if (!context.Request.Path.StartsWithSegments(SocketPath)) return null;
        // Still in the query where the hub is hosted without TokenHidingContextFactory.
        return context.Features.Get<QueryToken>()?.Value
            ?? (context.Request.Query[QueryName] is [{ Length: > 0 } given, ..] ? given : null);
    }

    /// <summary>
    /// Takes the token out of the query before anything can log the request's URL. On every path: a client that sends one
    /// where it may not must not leak it either.
    /// </summary>
    internal static void TakeFromQuery(IFeatureCollection features)
    {
        if (features.Get<IHttpRequestFeature>() is not { QueryString: { Length: > 1 } query } request) return;
        string? token = null;
        var rest = QueryString.Empty;
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var (name, value) = (pair.DecodeName().ToString(), pair.DecodeValue().ToString());
            if (name.Equals(QueryName, StringComparison.OrdinalIgnoreCase)) token ??= value;
            else rest = rest.Add(name, value);
        }
        if (token is null) return;
        request.QueryString = rest.Value ?? string.Empty;
        var path = request.RawTarget.IndexOf('?', StringComparison.Ordinal);
        if (path >= 0) request.RawTarget = string.Concat(request.RawTarget.AsSpan(0, path), request.QueryString);
        if (token.Length > 0) features.Set(new QueryToken(token));
    }

    private sealed record QueryToken(string Value);
}
