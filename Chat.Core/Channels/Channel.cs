using Chat.Core.Statuses;

namespace Chat.Core.Channels;

/// <summary>A way to a recipient, and what it can tell of a message afterwards.</summary>
/// <param name="Name">Lower case, as in <c>msg.out.{name}</c>.</param>
/// <param name="Reports">The facts that this channel can report; what is missing here never comes, so nobody waits for it.</param>
public sealed record Channel(string Name, IReadOnlyList<StatusKind> Reports);
