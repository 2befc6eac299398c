using Microsoft.AspNetCore.Http;

namespace Chat.ServiceDefaults;

/// <summary>The headers by which a request shows that a proxy passed it on.</summary>
public static class ProxyHeaders
{
    /// <summary>The one that names the client.</summary>
    public const string ForwardedFor = "X-Forwarded-For";

    // Without the client's address, or beside the header that has it.
    private static readonly string[] Others = ["Via", "X-Real-IP", "X-Forwarded-Host", "X-Forwarded-Proto"];
    private static readonly string[] All = [ForwardedFor, "Forwarded", .. Others];

    public static bool AreIn(IHeaderDictionary headers) => All.Any(headers.ContainsKey);

    /// <summary>For a request whose proxy is known, and has named the client.</summary>
    public static void RemoveOthers(IHeaderDictionary headers)
    {
        foreach (var name in Others) headers.Remove(name);
    }
}
