using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Statuses;

namespace Chat.StatusWorker.Recording;

/// <summary>
/// The events of a batch that go no further in it: parked, re-keyed, or dead letters. A phase that adds some starts from a copy of
/// the phase before, so that calling it twice counts nothing twice.
/// </summary>
internal sealed class SetAside(TopicPartition partition, TopicDescription topic)
{
    private readonly List<ParkedStatus> _parked = [];
    private readonly List<NewEvent> _appends = [];
    private readonly List<NewEvent> _again = [];

    public IReadOnlyList<ParkedStatus> Parked => _parked;

    public IReadOnlyList<NewEvent> Appends => _appends;

    public IReadOnlyList<NewEvent> Again => _again;

    public int DeadLetters { get; private set; }

    public int Rekeyed { get; private set; }

    public int MisroutedAgain { get; private set; }

    private string RekeyedFor => topic.Partitions.ToString();

    public SetAside Copy()
    {
        var copy = new SetAside(partition, topic) { DeadLetters = DeadLetters, Rekeyed = Rekeyed, MisroutedAgain = MisroutedAgain };
        copy._parked.AddRange(_parked);
        copy._appends.AddRange(_appends);
        copy._again.AddRange(_again);
        return copy;
    }

    public void Park(IncomingStatus incoming) => _parked.Add(new(
        ParkedStatuses.SubjectOf(incoming.Status),
        SequenceNumber.InPartition(partition.Partition, incoming.Seq),
        incoming.Event.Value,
        incoming.Event.AppendedAt));

    /// <summary>Appends an event again under its conversation's key.</summary>
    public void Rekey(IncomingStatus incoming, MessageKey key, string conversation)
    {
        _appends.Add(EventOf(
            incoming, StatusOf(incoming, key), conversation, new EventHeader(HeaderNames.Rekeyed, RekeyedFor)));
        Rekeyed++;
        if (incoming.Key is not null && incoming.Event.Header(HeaderNames.Rekeyed) == RekeyedFor) MisroutedAgain++;
    }

    /// <summary>Appends an event once more that is recorded under a number which clients may have passed.</summary>
    public void TellAgain(IncomingStatus incoming, MessageKey key) => _again.Add(EventOf(
        incoming, StatusOf(incoming, key) with { Joins = incoming.Seq }, MessageIds.Format(key.ConversationId)));

    public void AddDeadLetter(LogEvent source, string reason)
    {
        _appends.Add(Core.Log.DeadLetters.From(partition, source, reason));
        DeadLetters++;
    }

    // The time that counts is the first append's, not the second's, where the provider gave none.
    private static StatusEvent StatusOf(IncomingStatus incoming, MessageKey key) => incoming.Status with
    {
        MessageId = key.MessageId,
        ConversationId = key.ConversationId,
        Timestamp = FactTime.Effective(incoming.Status.Timestamp, incoming.Event.AppendedAt, key.MessageId),
    };

    private static NewEvent EventOf(
        IncomingStatus incoming, StatusEvent status, string conversation, params EventHeader[] headers) => new(
        Topics.Status,
        conversation,
        StatusEventJson.Write(status),
        [.. incoming.Event.PassedOnHeaders.Where(h => h.Name != HeaderNames.Rekeyed), .. headers]);
}
