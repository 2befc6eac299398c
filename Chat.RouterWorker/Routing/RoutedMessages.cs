using Chat.Core.Log;
using Chat.Core.Parking;

namespace Chat.RouterWorker.Routing;

/// <summary>A batch of <c>messages</c>, last phase: what to append, and what that makes superfluous.</summary>
/// <param name="Count">Messages that were admitted.</param>
/// <param name="Joined">
/// Statuses that waited for one of the messages and are in <paramref name="Appends"/>; to be unparked afterwards.
/// </param>
/// <param name="Appends">
/// Dead letters, statuses brought back, messages for the connectors; acknowledged before the commit.
/// </param>
/// <param name="DeadLetters">How many of <paramref name="Appends"/> are dead letters of this batch's own events.</param>
public sealed record RoutedMessages(
    int Count, IReadOnlyList<ParkedStatus> Joined, IReadOnlyList<NewEvent> Appends, int DeadLetters);
