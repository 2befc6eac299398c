using Chat.Core.Statuses;

namespace Chat.Core.Channels;

/// <summary>A way to a recipient, and what it can report of a message afterwards.</summary>
/// <param name="Name">Lower case, as in <c>msg.out.{name}</c>.</param>
/// <param name="DisplayName">As people write it.</param>
/// <param name="Reports">The facts that this channel reports, in the order in which they come; nobody needs to wait for any other.</param>
/// <param name="Simulated">How its simulated connector behaves unless it is configured.</param>
public sealed record Channel(string Name, string DisplayName, IReadOnlyList<StatusKind> Reports, SimulatedDefaults Simulated)
{
    /// <summary>What it reports where a setting decides about DELIVERED; null leaves it as it is.</summary>
    public IReadOnlyList<StatusKind> ReportsWith(bool? delivered) =>
        delivered is not { } reported || reported == Reports.Contains(StatusKind.Delivered) ? Reports
        : reported ? [.. Reports.Append(StatusKind.Delivered).Order()]
        : [.. Reports.Where(r => r != StatusKind.Delivered)];
}

/// <summary>The delays of a simulated channel.</summary>
/// <param name="DeliveredAfter">From SENT to DELIVERED.</param>
/// <param name="ReadAfter">From DELIVERED to READ.</param>
public sealed record SimulatedDefaults(TimeSpan DeliveredAfter, TimeSpan ReadAfter);
