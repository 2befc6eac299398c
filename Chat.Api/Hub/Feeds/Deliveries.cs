using Chat.Api.Hub.Protocol;
using Chat.Core.Frames;

namespace Chat.Api.Hub.Feeds;

/// <summary>A frame on its way to a conversation's subscribers.</summary>
/// <param name="Kind">Subscribers who asked for these get it.</param>
/// <param name="Organization">Of these, those of this organization.</param>
/// <param name="Payload">As it was published; null where it is from the store.</param>
/// <param name="ChangedAt">The status's own time; null of a message, and in what has no number, as people publish by hand.</param>
internal readonly record struct Delivery(
    OutgoingFrame Frame, WatchedEvents Kind, Guid Organization, BusPayload? Payload, DateTimeOffset? ChangedAt);

/// <summary>
/// Frames that go out together: of one kind, for one organization, and in all no more than a socket may well have to write at once.
/// </summary>
internal sealed class Deliveries
{
    private const int MaxBytes = 32 * 1024;

    private List<Delivery>? _deliveries;
    private int _bytes;

    /// <summary>False where it has to go out after those that are here, by itself or with others.</summary>
    public bool TryAdd(Delivery delivery)
    {
        if (_deliveries is [var first, ..] && !GoesWith(first, delivery)) return false;
        // Most are alone.
        (_deliveries ??= new(1)).Add(delivery);
        _bytes += LengthOf(delivery);
        return true;
    }

    /// <summary>All of them, in their order; they are gone from here then.</summary>
    public List<Delivery> Take()
    {
        var taken = _deliveries;
        (_deliveries, _bytes) = (null, 0);
        return taken ?? [];
    }

    private bool GoesWith(in Delivery first, in Delivery delivery) =>
        (first.Kind, first.Organization) == (delivery.Kind, delivery.Organization) && _bytes + LengthOf(delivery) <= MaxBytes;

    private static int LengthOf(Delivery delivery) => delivery.Frame.Wire.Length;
}
