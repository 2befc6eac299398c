using System.Diagnostics;

namespace Chat.Core.Telemetry;

/// <summary>W3C Trace Context's <c>traceparent</c>, as anybody may have written it.</summary>
public static class TraceContext
{
    // Version 00 has 55 characters.
    private const int MaxLength = 64;

    /// <summary>The value where it is one; else null: a trace that is lost costs less than one that carries a megabyte along.</summary>
    public static string? Read(string? value) =>
        value is { Length: <= MaxLength } && ActivityContext.TryParse(value, null, out _) ? value : null;
}
