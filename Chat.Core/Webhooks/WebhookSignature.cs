using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Chat.Core.Webhooks;

/// <summary>
/// Meta's signature of a webhook, the header <see cref="Header"/>: <c>sha256=</c> and the HMAC-SHA256 of the bytes as they came, under
/// the app's secret, in hexadecimal. JSON that was read and written again has other bytes.
/// </summary>
public static class WebhookSignature
{
    public const string Header = "X-Hub-Signature-256";

    private const string Prefix = "sha256=";

    /// <summary>The header's value for a body.</summary>
    public static string Sign(ReadOnlySpan<byte> body, string secret) =>
        Prefix + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));

    /// <summary>The signature in a header's value; null where it is none, whatever the body is.</summary>
    public static byte[]? Parse(string? header)
    {
        if (header?.Length != Prefix.Length + (2 * HMACSHA256.HashSizeInBytes)) return null;
        if (!header.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var signature = new byte[HMACSHA256.HashSizeInBytes];
        return Convert.FromHexString(header.AsSpan(Prefix.Length), signature, out _, out _) == OperationStatus.Done ? signature : null;
    }

    /// <summary>Whether one of the secrets made a signature of a body. Takes as long whatever differs.</summary>
    public static bool IsOf(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets)
    {
        Span<byte> own = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var isOne = false;
        foreach (var secret in secrets)
        {
            // A secret that nobody set would be everybody's.
            if (secret.Length == 0) continue;
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, own);
            isOne |= CryptographicOperations.FixedTimeEquals(own, signature);
        }
        return isOne;
    }
}
