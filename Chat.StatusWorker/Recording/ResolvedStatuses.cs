using Chat.Core.Conversations;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Statuses;

namespace Chat.StatusWorker.Recording;

/// <summary>A batch of <c>msg.status</c>, second phase: each event's message is known, and lies in this partition.</summary>
public sealed class ResolvedStatuses
{
    private readonly IReadOnlyList<(IncomingStatus Incoming, MessageKey Key)> _resolved;
    private readonly SetAside _aside;

    internal ResolvedStatuses(IReadOnlyList<(IncomingStatus Incoming, MessageKey Key)> resolved, SetAside aside)
    {
        (_resolved, _aside) = (resolved, aside);
        Keys = [.. _resolved.Select(r => r.Key).Distinct()];
        Announced = _resolved.Where(r => r.Incoming.Status.IsAnnouncement).Select(r => r.Key).ToHashSet();
        Conversations = _resolved.Select(r => r.Key.ConversationId).ToHashSet();
    }

    /// <summary>The conversations whose owners <see cref="Admit"/> needs.</summary>
    public IReadOnlyCollection<Guid> Conversations { get; }

    /// <summary>
    /// The messages whose state <see cref="Admit"/> needs, each once. They are read before anything is written: a fact can't be taken
    /// back, and of a message that never comes it would be kept for ever.
    /// </summary>
    public IReadOnlyList<MessageKey> Keys { get; }

    /// <summary>Those of <see cref="Keys"/> that are announced, for which the message's text is needed too.</summary>
    public IReadOnlySet<MessageKey> Announced { get; }

    /// <summary>
    /// Events that were re-keyed before, for as many partitions as we know of, and are in the wrong partition all the same: who
    /// appended them and we see the topic differently.
    /// </summary>
    public int MisroutedAgain => _aside.MisroutedAgain;

    /// <summary>
    /// Admits what does not contradict the store. An event may leave its organization out; it may not name another one than its
    /// conversation's. Where its message is not known yet, nothing can be said of it and nothing is recorded: the event is parked, and
    /// checked when it comes back. One that came with a channel's key over HTTP is for that channel's messages alone, and one that a
    /// provider reported to an account for that account's.
    /// </summary>
    /// <param name="owners">Of those of <see cref="Conversations"/> that have one.</param>
    /// <param name="states">Of each of <see cref="Keys"/>.</param>
    public AdmittedStatuses Admit(IReadOnlyDictionary<Guid, ConversationOwner> owners, IReadOnlyList<MessageState> states)
    {
        var known = states.Where(s => s.Message is not null).ToDictionary(s => s.Key, s => s.Message!);
        var aside = _aside.Copy();
        var admitted = new List<(IncomingStatus, StatusRecord)>(_resolved.Count);
        foreach (var (incoming, key) in _resolved)
        {
            if (!owners.TryGetValue(key.ConversationId, out var owner)) aside.Park(incoming);
            else if (IsOfAnother(incoming.Status.OrganizationId, owner))
                aside.AddDeadLetter(
                    incoming.Event, $"organizacao_id: conversation {key.ConversationId} belongs to another organization");
            else if (!known.TryGetValue(key, out var message)) aside.Park(incoming);
            else if (incoming.Status.Authenticated && message.Channel != incoming.Status.Channel)
                aside.AddDeadLetter(
                    incoming.Event, $"channel: message {key.MessageId} belongs to another channel than the sender's key");
            else if (incoming.Status.AccountId is { } account && message.AccountId != account)
                aside.AddDeadLetter(
                    incoming.Event, $"account_id: message {key.MessageId} belongs to another account");
            else admitted.Add((incoming, CreateRecord(incoming, key)));
        }
        return new(admitted, aside);
    }

    private static bool IsOfAnother(Guid? organization, ConversationOwner owner) =>
        organization is not null && organization != owner.OrganizationId;

    private static StatusRecord CreateRecord(IncomingStatus incoming, MessageKey key)
    {
        var status = incoming.Status;
        var at = FactTime.Effective(status.Timestamp, incoming.Event.AppendedAt, key.MessageId);
        var fact = new Fact(at, status.FailureReason, incoming.Seq);
        return new(key, status.Status, fact, status.Channel, status.Timestamp, incoming.Event.AppendedAt, status.Joins);
    }
}
