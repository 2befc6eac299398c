namespace Chat.Core.Parking;

/// <summary>A status whose message nobody knows yet: kept as it came, until the message does.</summary>
/// <param name="Subject">What it waits for: a message id, or a provider's id as <c>{channel}:{id}</c>.</param>
/// <param name="Seq">
/// The event's number, <see cref="Log.SequenceNumber.InPartition"/>: it may lie in another partition than the others that wait for the
/// same, and have the offset of one of them. An earlier version gave the plain number to what names a conversation.
/// </param>
/// <param name="Value">The event's value.</param>
/// <param name="AppendedAt">When the log took the event.</param>
public sealed record ParkedStatus(string Subject, long Seq, ReadOnlyMemory<byte> Value, DateTimeOffset AppendedAt);
