using System.Buffers;

namespace Chat.Core.Telemetry;

/// <summary>W3C Trace Context's <c>traceparent</c>, as anybody may have written it.</summary>
public static class TraceContext
{
    // Version 00: two hex digits, a trace id of 32, a span id of 16, flags of two.
    private const int Length = 55;

    private static readonly SearchValues<char> OddHex = SearchValues.Create("13579bdf");
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    /// <summary>The value where it is one; else null: a trace that is lost costs less than one that carries a megabyte along.</summary>
    public static string? Read(string? value) => value is { Length: Length } && IsWellFormed(value) ? value : null;

    /// <summary>Whether the trace is recorded: the lowest bit of its flags.</summary>
    /// <param name="value">One that is well-formed, or null.</param>
    public static bool IsSampled(string? value) => value is { Length: Length } && OddHex.Contains(value[^1]);

    private static bool IsWellFormed(ReadOnlySpan<char> value) =>
        value[2] == '-' && value[35] == '-' && value[52] == '-'
        && !value[..2].ContainsAnyExcept(Hex)
        && !value[3..35].ContainsAnyExcept(Hex)
        && !value[36..52].ContainsAnyExcept(Hex)
        && !value[53..].ContainsAnyExcept(Hex);
}
