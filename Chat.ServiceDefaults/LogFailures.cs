using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.ServiceDefaults;

internal static class LogFailures
{
    private static readonly Counter<long> Lines = ChatTelemetry.Meter.CreateCounter<long>(
        "chat.log_lines.failed", "{line}", "Log lines that could not be written");

    public static void Count() => Lines.Add(1);
}
