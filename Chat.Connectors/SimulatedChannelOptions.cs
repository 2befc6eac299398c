using System.ComponentModel.DataAnnotations;
using Chat.Core.Channels;
using Chat.Core.Statuses;

namespace Chat.Connectors;

/// <summary>How a simulated channel behaves: the section <c>Connectors:Channels:{name}</c>.</summary>
public sealed class SimulatedChannelOptions
{
    /// <summary>From SENT, the time of the hand-over, to <see cref="StatusKind.Delivered"/>: 0 to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan DeliveredAfter { get; set; } = ChannelCatalog.Default.Simulated.DeliveredAfter;

    /// <summary>From DELIVERED to <see cref="StatusKind.Read"/>: 0 to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan ReadAfter { get; set; } = ChannelCatalog.Default.Simulated.ReadAfter;

    /// <summary>
    /// Whether DELIVERED is reported; as the catalog has it where it is null. Instagram's real API doesn't. READ comes at the same time
    /// either way.
    /// </summary>
    public bool? ReportsDelivered { get; set; }

    /// <summary>The share of messages, 0 to 1, that end in FAILED instead of DELIVERED. Which ones follows from their ids.</summary>
    [Range(0.0, 1.0)]
    public double FailureShare { get; set; }

    /// <summary>What a failed message says; which of them follows from its id. Three sentences of our own where none is given.</summary>
    public IReadOnlyList<string>? FailureReasons { get; set; }

    /// <summary>The catalog's settings of a channel.</summary>
    internal static SimulatedChannelOptions DefaultsOf(Channel channel) => new()
    {
        DeliveredAfter = channel.Simulated.DeliveredAfter,
        ReadAfter = channel.Simulated.ReadAfter,
    };
}
