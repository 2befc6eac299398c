using System.Globalization;

namespace Chat.Core.Json;

/// <summary>
/// Escapes of UTF-16 code units in JSON, as <c>\ud83d</c>. JSON's grammar takes any; what is no pair is no text. A backslash
/// only begins an escape, so they are found without reading the JSON around them.
/// </summary>
public static class SurrogateEscapes
{
    private const int EscapeLength = 6;

    /// <summary>Whether an escape names half of a surrogate pair. The JSON's grammar may be wrong.</summary>
    public static bool HasHalf(ReadOnlySpan<byte> json)
    {
        while (json.IndexOf((byte)'\\') is var at and >= 0)
        {
            json = json[at..];
            var length = LengthOf(json, out var half);
            if (half) return true;
            json = json[Math.Min(length, json.Length)..];
        }
        return false;
    }

    /// <summary>The JSON with U+FFFD, the replacement character, in place of each half.</summary>
    public static byte[] ReplaceHalves(ReadOnlySpan<byte> json)
    {
        var repaired = json.ToArray();
        var at = 0;
        while (repaired.AsSpan(at).IndexOf((byte)'\\') is var next and >= 0)
        {
            at += next;
            var length = LengthOf(repaired.AsSpan(at), out var half);
            if (half) "\\ufffd"u8.CopyTo(repaired.AsSpan(at));
            at = Math.Min(at + length, repaired.Length);
        }
        return repaired;
    }

    /// <summary>How long the escape is that the JSON begins with: a pair is one, and so is a half.</summary>
    private static int LengthOf(ReadOnlySpan<byte> json, out bool half)
    {
        half = false;
        if (UnitOf(json) is not { } unit) return 2;
        if (!char.IsSurrogate(unit)) return EscapeLength;
        if (char.IsHighSurrogate(unit) && UnitOf(json[EscapeLength..]) is { } low && char.IsLowSurrogate(low)) return 2 * EscapeLength;
        half = true;
        return EscapeLength;
    }

    private static char? UnitOf(ReadOnlySpan<byte> json) =>
        json.Length >= EscapeLength && json[0] == '\\' && json[1] == 'u'
            && ushort.TryParse(json[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
