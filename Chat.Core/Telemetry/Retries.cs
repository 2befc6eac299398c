using System.Diagnostics.Metrics;

namespace Chat.Core.Telemetry;

/// <summary>The counter <c>chat.retries</c>: tries that failed and are made again, by what was tried.</summary>
public static class Retries
{
    private static readonly Counter<long> Tries = ChatTelemetry.Meter.CreateCounter<long>(
        "chat.retries", "{try}", "Tries that failed and are made again until they work");

    /// <param name="step">A constant of the code, as it is in the log line.</param>
    public static void Failed(string step) => Tries.Add(1, new KeyValuePair<string, object?>("step", step));
}
