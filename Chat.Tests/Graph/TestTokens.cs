using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Chat.Tests.Graph;

/// <summary>Makes tokens by hand, good ones and bad ones.</summary>
internal static class TestTokens
{
    public static string For(string key, Guid user, Guid? organization, DateTimeOffset? expires = null)
    {
        var claims = new JsonObject
        {
            ["sub"] = user.ToString("D"),
            ["exp"] = (expires ?? DateTimeOffset.UtcNow.AddHours(1)).ToUnixTimeSeconds(),
        };
        if (organization is { } tenant) claims["tenant_id"] = tenant.ToString("D");
        return Sign(key, claims);
    }

    public static string Sign(string key, JsonObject claims, string algorithm = "HS256")
    {
        var head = new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT" };
        var signed = $"{Encode(head.ToJsonString())}.{Encode(claims.ToJsonString())}";
        var signature = algorithm == "none"
            ? ""
            : Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.ASCII.GetBytes(signed)));
        return $"{signed}.{signature}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
