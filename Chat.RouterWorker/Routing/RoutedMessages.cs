using Chat.Core.Log;
using Chat.Core.Parking;

namespace Chat.RouterWorker.Routing;

/// <summary>A batch of <c>messages</c>, last phase: what to append, and what that makes superfluous.</summary>
/// <param name="Count">Messages that were admitted.</param>
/// <param name="DeadLetters">Dead letters of this batch's own events.</param>
/// <param name="Announcements">That the messages are in the store, for <c>msg.status</c>.</param>
/// <param name="Joins">Statuses that waited for one of the messages, as they go back into the log.</param>
/// <param name="Outbound">The messages on their way to the connectors.</param>
public sealed record RoutedMessages(
    int Count,
    IReadOnlyList<NewEvent> DeadLetters,
    IReadOnlyList<NewEvent> Announcements,
    IReadOnlyList<ReleasedStatus> Joins,
    IReadOnlyList<NewEvent> Outbound)
{
    /// <summary>
    /// Dead letters, announcements, statuses brought back, messages for the connectors; acknowledged before the commit. A message is
    /// announced before its statuses, and those that were there first come before its connector's own.
    /// </summary>
    public IReadOnlyList<NewEvent> Appends { get; } = [.. DeadLetters, .. Announcements, .. Joins.Select(j => j.Event), .. Outbound];

    /// <summary>What of <see cref="Appends"/> belongs to this batch's own events alone.</summary>
    public IReadOnlyList<NewEvent> OwnAppends => [.. DeadLetters, .. Announcements, .. Outbound];

    /// <summary>Statuses that are in <see cref="Appends"/>; to be unparked afterwards.</summary>
    public IReadOnlyList<ParkedStatus> Joined { get; } = [.. Joins.Select(j => j.Parked)];
}
