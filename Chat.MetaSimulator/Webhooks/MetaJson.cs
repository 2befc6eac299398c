using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Chat.MetaSimulator.Webhooks;

/// <summary>
/// JSON as Meta writes it, all ASCII: <c>\u00e1</c> in lower case for what is beyond, and <c>\/</c>. What is signed is these bytes, and a
/// receiver that parses and writes again gets others.
/// </summary>
public static class MetaJson
{
    /// <summary>The header of the signature.</summary>
    public const string SignatureHeader = "X-Hub-Signature-256";

    public static byte[] Write(JsonNode node)
    {
        var text = new StringBuilder();
        Write(text, node);
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Whether it can be written: it can not where a text is none, or an object has a member twice.</summary>
    public static bool CanWrite(JsonNode node)
    {
        try
        {
            Write(new StringBuilder(), node);
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // Both come to light when it is read, and not when it was parsed.
            return false;
        }
    }

    /// <summary>The value of <see cref="SignatureHeader"/>.</summary>
    public static string Sign(string secret, ReadOnlySpan<byte> body) =>
        $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))}";

    private static void Write(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                text.Append('{');
                foreach (var (index, (name, value)) in members.Index())
                {
                    if (index > 0) text.Append(',');
                    Write(text, name);
                    text.Append(':');
                    Write(text, value);
                }
                text.Append('}');
                break;
            case JsonArray items:
                text.Append('[');
                foreach (var (index, item) in items.Index())
                {
                    if (index > 0) text.Append(',');
                    Write(text, item);
                }
                text.Append(']');
                break;
            case JsonValue value when value.TryGetValue<string>(out var s):
                Write(text, s);
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }

    private static void Write(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '/' => text.Append("\\/"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' or > '\x7e' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }
        text.Append('"');
    }
}
