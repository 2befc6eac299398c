using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Chat.Api.Auth;

/// <summary>
/// Where a request carries its token: the header <c>Authorization: Bearer</c> anywhere; on <c>/ws</c> also a subprotocol
/// <c>bearer.{token}</c> or the query's <c>access_token</c>, since a browser can't set a header on a WebSocket.
/// </summary>
public static class AccessToken
{
    public const string QueryName = "access_token";

    /// <summary>What a provider proves with that a webhook's subscription is its own.</summary>
    public const string VerifyName = "hub.verify_token";

    private const string Scheme = "Bearer ";

    // Of what a client offers in Sec-WebSocket-Protocol, beside the protocol that it speaks.
    private const string ProtocolPrefix = "bearer.";

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
        if (context.Features.Get<OfferedToken>() is { } offered) return offered.Value;
        // Still in the query where the hub is hosted without TokenHidingContextFactory.
        return context.Features.Get<QueryTokens>()?.Access
            ?? (context.Request.Query[QueryName] is [{ Length: > 0 } given, ..] ? given : null);
    }

    /// <summary>The token that a provider's question brings; null where it has none.</summary>
    public static string? FindVerifyToken(HttpContext context) =>
        context.Features.Get<QueryTokens>()?.Verify ?? context.Request.Query[VerifyName].FirstOrDefault();

    /// <summary>
    /// Takes each token out of the query and of the offered subprotocols before anything can log the request. On every path: a client
    /// that sends one where it may not must not leak it either.
    /// </summary>
    internal static void TakeFromRequest(IFeatureCollection features)
    {
        if (features.Get<IHttpRequestFeature>() is not { } request) return;
        TakeFromQuery(features, request);
        TakeFromProtocols(features, request.Headers);
    }

    private static void TakeFromQuery(IFeatureCollection features, IHttpRequestFeature request)
    {
        if (request.QueryString is not { Length: > 1 } query) return;
        string? access = null;
        string? verify = null;
        var rest = QueryString.Empty;
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var (name, value) = (pair.DecodeName().ToString(), pair.DecodeValue().ToString());
            if (name.Equals(QueryName, StringComparison.OrdinalIgnoreCase)) access ??= value;
            else if (name.Equals(VerifyName, StringComparison.OrdinalIgnoreCase)) verify ??= value;
            else rest = rest.Add(name, value);
        }
        if (access is null && verify is null) return;
        request.QueryString = rest.Value ?? string.Empty;
        var path = request.RawTarget.IndexOf('?', StringComparison.Ordinal);
        if (path >= 0) request.RawTarget = string.Concat(request.RawTarget.AsSpan(0, path), request.QueryString);
        features.Set(new QueryTokens(access is { Length: > 0 } ? access : null, verify));
    }

    private static void TakeFromProtocols(IFeatureCollection features, IHeaderDictionary headers)
    {
        if (headers.SecWebSocketProtocol.Count == 0) return;
        var offered = headers.GetCommaSeparatedValues(HeaderNames.SecWebSocketProtocol).ToLookup(IsToken);
        if (!offered[true].Any()) return;
        // The answer may only name what was offered, so that what is gone from here is never the answer.
        headers.SecWebSocketProtocol = string.Join(", ", offered[false]);
        // Which one of several would count is nothing that two readers would agree on.
        var token = offered[true].Count() == 1 ? offered[true].Single()[ProtocolPrefix.Length..] : "";
        features.Set(new OfferedToken(token.Length > 0 ? token : null));
    }

    private static bool IsToken(string protocol) => protocol.StartsWith(ProtocolPrefix, StringComparison.OrdinalIgnoreCase);

    private sealed record QueryTokens(string? Access, string? Verify);

    private sealed record OfferedToken(string? Value);
}
