using Chat.Core.Log;

namespace Chat.RouterWorker.Routing;

/// <summary>A batch of <c>messages</c>, last phase: what to append.</summary>
/// <param name="Count">Messages that were admitted.</param>
/// <param name="DeadLetters">Dead letters of this batch's own events.</param>
/// <param name="Announcements">That the messages are in the store, for <c>msg.status</c>.</param>
/// <param name="Outbound">The messages on their way to the connectors.</param>
public sealed record RoutedMessages(
    int Count, IReadOnlyList<NewEvent> DeadLetters, IReadOnlyList<NewEvent> Announcements, IReadOnlyList<NewEvent> Outbound)
{
    /// <summary>
    /// Dead letters, announcements, messages for the connectors; acknowledged before the commit. Statuses that waited for a message are
    /// appended behind it, once it is announced; its connector's own may come before them.
    /// </summary>
    public IReadOnlyList<NewEvent> Appends { get; } = [.. DeadLetters, .. Announcements, .. Outbound];
}
