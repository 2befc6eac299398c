using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Statuses;
using Chat.Core.Text;
using Chat.Core.Time;

namespace Chat.Api.Operations.Parked;

/// <summary>A status that waits for its message.</summary>
/// <param name="Subject">What it waits for: a message's id, or a provider's as <c>channel:id</c>; cut.</param>
/// <param name="Seq">The number of its event.</param>
/// <param name="At">When the log took it; ISO 8601, UTC.</param>
/// <param name="Status">What it says; null where it can't be read, as are those below.</param>
internal sealed record ParkedView(string Subject, long Seq, string At, string? Status, string? Channel, string? ConversationId)
{
    private const int LongestSubject = 200;

    public static ParkedView From(ParkedStatus parked)
    {
        var status = StatusEventJson.TryRead(parked.Value.Span, out _);
        return new(
            Printable.Line(parked.Subject, LongestSubject),
            SequenceNumber.WithoutPartition(parked.Seq),
            WireTime.Format(parked.AppendedAt),
            status is null ? null : StatusNames.Format(status.Status),
            status?.Channel is { } channel ? Printable.Line(channel) : null,
            status?.ConversationId is { } conversation ? MessageIds.Format(conversation) : null);
    }
}

/// <summary>A page of parked statuses, the one that has waited longest first.</summary>
/// <param name="Next">
/// What to give as <c>after</c> for the next page; null on the last. There may be a next one after an empty page.
/// </param>
internal sealed record ParkedPageView(IReadOnlyList<ParkedView> Items, string? Next);
