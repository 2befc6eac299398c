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
        Authenticated = [.. _resolved.Where(r => r.Incoming.Status.Authenticated).Select(r => r.Key).Distinct()];
        Conversations = _resolved.Select(r => r.Key.ConversationId).ToHashSet();
    }

    /// <summary>The conversations whose owners <see cref="Admit"/> needs.</summary>
    public IReadOnlyCollection<Guid> Conversations { get; }

    /// <summary>
    /// The messages whose state <see cref="Admit"/> needs: those of events that came with a channel's key over HTTP. A fact can't be
    /// taken back, so these alone are read before anything is written; what connectors append to the log is not.
    /// </summary>
    public IReadOnlyList<MessageKey> Authenticated { get; }

    /// <summary>
    /// Events that were re-keyed before, for as many partitions as we know of, and are in the wrong partition all the same: who
    /// appended them and we see the topic differently.
    /// </summary>
    public int MisroutedAgain => _aside.MisroutedAgain;

    /// <summary>
    /// Admits what does not contradict the store. An event may leave its organization out; it may not name another one than its
    /// conversation's. Where the conversation belongs to nobody yet, nothing can be said of it, and no message of it is known:
    /// the event is parked, and checked when it comes back. The same goes for a channel's key, which is for its messages alone.
    /// </summary>
    /// <param name="owners">Of those of <see cref="Conversations"/> that have one.</param>
    /// <param name="authenticated">Of each of <see cref="Authenticated"/>.</param>
    public AdmittedStatuses Admit(
        IReadOnlyDictionary<Guid, ConversationOwner> owners, IReadOnlyList<MessageState>? authenticated = null)
    {
        var known = (authenticated ?? []).Where(s => s.Message is not null).ToDictionary(s => s.Key, s => s.Message!.Channel);
        var aside = _aside.Copy();
        var admitted = new List<(IncomingStatus, StatusRecord)>(_resolved.Count);
        foreach (var (incoming, key) in _resolved)
        {
            string? channel = null;
            if (!owners.TryGetValue(key.ConversationId, out var owner)
                || (incoming.Status.Authenticated && !known.TryGetValue(key, out channel)))
            {
                aside.Park(incoming);
            }
            else if (channel is not null && channel != incoming.Status.Channel)
            {
                aside.AddDeadLetter(
                    incoming.Event, $"channel: message {key.MessageId} belongs to another channel than the sender's key");
            }
            else if (incoming.Status.OrganizationId is null || incoming.Status.OrganizationId == owner.OrganizationId)
                admitted.Add((incoming, CreateRecord(incoming, key)));
            else
                aside.AddDeadLetter(
                    incoming.Event, $"organizacao_id: conversation {key.ConversationId} belongs to another organization");
        }
        return new(admitted, aside);
    }

    private static StatusRecord CreateRecord(IncomingStatus incoming, MessageKey key)
    {
        var status = incoming.Status;
        var at = FactTime.Effective(status.Timestamp, incoming.Event.AppendedAt, key.MessageId);
        var fact = new Fact(at, status.FailureReason, incoming.Seq);
        return new(key, status.Status, fact, status.Channel, status.Timestamp, incoming.Event.AppendedAt, status.Joins);
    }
}
