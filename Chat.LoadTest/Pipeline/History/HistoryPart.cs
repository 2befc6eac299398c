using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Statuses;

namespace Chat.LoadTest.Pipeline.History;

/// <summary>What is stored of some messages of one conversation, all of them READ.</summary>
/// <param name="Number">The first message's, from 0, among all of the history; with it all numbers of its rows are given.</param>
internal sealed record HistoryPart(long Number, IReadOnlyList<Message> Messages)
{
    // Of the simulated channels, about.
    private static readonly TimeSpan SentAfter = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan DeliveredAfter = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan ReadAfter = TimeSpan.FromMilliseconds(1200);

    /// <summary>What there is of a message: null is that it was announced.</summary>
    private static readonly IReadOnlyList<(StatusKind? Kind, TimeSpan After)> Statuses =
    [
        (null, TimeSpan.Zero), (StatusKind.Sent, SentAfter), (StatusKind.Delivered, DeliveredAfter), (StatusKind.Read, ReadAfter),
    ];

    public IReadOnlyList<HandOver> HandOvers() =>
        [.. Messages.Select(m => new HandOver(m.MessageId, m.Channel, m.CreatedAt + SentAfter, null))];

    /// <summary>By number: as in the log, all messages are announced before the first is SENT.</summary>
    public IReadOnlyList<StatusRecord> Records() => [.. Numbered((message, kind, at, seq) => new StatusRecord(
        new MessageKey(message.ConversationId, message.MessageId), kind, new Fact(at, null, seq), message.Channel, at, at, null))];

    /// <summary>By number, one for each of <see cref="Records"/>.</summary>
    public IReadOnlyList<StatusChange> Changes() => [.. Numbered((message, kind, at, seq) => new StatusChange(
        message.ConversationId, seq, message.MessageId, (MessageStatus)(kind ?? 0), message.Channel, at, null, at))];

    private IEnumerable<T> Numbered<T>(Func<Message, StatusKind?, DateTimeOffset, long, T> create)
    {
        // The first number is 1; each message has as many as there are statuses, whose epoch is 0, below all that the log gives.
        var seq = (Number * Statuses.Count) + 1;
        foreach (var (kind, after) in Statuses)
        {
            foreach (var message in Messages) yield return create(message, kind, message.CreatedAt + after, seq++);
        }
    }
}
