using Chat.Core.Conversations;
using Chat.Core.Ids;
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
        Conversations = _resolved.Select(r => r.Key.ConversationId).ToHashSet();
    }

    /// <summary>The conversations whose owners <see cref="Admit"/> needs.</summary>
    public IReadOnlyCollection<Guid> Conversations { get; }

    /// <summary>
    /// Events that were re-keyed before, for as many partitions as we know of, and are in the wrong partition all the same: who
    /// appended them and we see the topic differently.
    /// </summary>
    public int MisroutedAgain => _aside.MisroutedAgain;

    /// <summary>
    /// Admits what does not contradict the store. An event may leave its organization out; it may not name another one than its
    /// conversation's. Where the conversation belongs to nobody yet, nothing can be said of it, and no message of it is known:
    /// the event is parked, and checked when it comes back.
    /// </summary>
    /// <param name="owners">Of those of <see cref="Conversations"/> that have one.</param>
    public AdmittedStatuses Admit(IReadOnlyDictionary<Guid, ConversationOwner> owners)
    {
        var aside = _aside.Copy();
        var admitted = new List<(IncomingStatus, StatusRecord)>(_resolved.Count);
        foreach (var (incoming, key) in _resolved)
        {
            if (!owners.TryGetValue(key.ConversationId, out var owner))
                aside.Park(incoming);
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
        var fact = new Fact(at, status.Status == StatusKind.Failed ? status.Reason : null, incoming.Seq);
        return new(key, status.Status, fact, status.Channel, status.Timestamp, incoming.Event.AppendedAt, status.Joins);
    }
}
