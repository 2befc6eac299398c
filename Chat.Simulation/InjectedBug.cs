namespace Chat.Simulation;

/// <summary>
/// Deliberate bugs, each made at a simulated port or by leaving a part out. The simulation must notice each of them within a known number
/// of seeds, which shows that it would notice a real one.
/// </summary>
public enum InjectedBug
{
    None,

    /// <summary>What a consumer reads is committed at once: commit before persist.</summary>
    CommitBeforePersist,

    /// <summary>Change rows are written some time after the publish.</summary>
    PublishBeforePersist,

    /// <summary>The last value of a fact stays, instead of the earliest.</summary>
    OverwriteFacts,

    /// <summary>Pages are in the order of the messages' ids, which clocks made.</summary>
    OrderById,

    /// <summary>A redelivered event has another number.</summary>
    RenumberRedelivery,

    /// <summary>Every payload's prev says that nothing is missing before it.</summary>
    NoPrevCheck,

    /// <summary>The hub does not check the heads.</summary>
    NoHeadCheck,

    /// <summary>The hub does not learn that the bus connection was down.</summary>
    NoRestored,

    /// <summary>The head is read before the bus subscription is active.</summary>
    SubscribeTooEarly,

    /// <summary>A read that fails keeps its place until it works.</summary>
    PlaceKept,

    /// <summary>A read is taken to have brought whatever was published before it, shown or not.</summary>
    CoveredMovesLast,

    /// <summary>The status worker does not look for the message again after it parked a status.</summary>
    NoLookAfterParking,

    /// <summary>The router does not look for statuses that wait for its message.</summary>
    NoLookForParked,

    /// <summary>The hub takes every client for a member of the conversation's organization.</summary>
    NoOwnerCheck,

    /// <summary>An engine's refusal is taken for a failure.</summary>
    RefusalRetried,

    /// <summary>A call of which something is refused is left out as a whole.</summary>
    RefusedBatchDropped,

    /// <summary>The commit does not wait until the log has acknowledged a pointer.</summary>
    PointerNotAwaited,

    /// <summary>What retention took before it was processed is not counted.</summary>
    LossNotCounted,

    /// <summary>What an engine can't write since its disk is full is acknowledged all the same.</summary>
    FullDiskAcknowledged,

    /// <summary>A try of sending is claimed only once its request is under way.</summary>
    TryNotClaimed,

    /// <summary>A message whose answer was lost is sent again.</summary>
    LostAnswerSentAgain,

    /// <summary>What has to wait is committed and not kept.</summary>
    HoldNotKept,

    /// <summary>A webhook is answered with 200 before the log has it.</summary>
    AnsweredBeforeAppend,

    /// <summary>A person's message has another id each time that it is delivered.</summary>
    RedeliveryIsNew,

    /// <summary>A status counts, whichever account the provider reported it to.</summary>
    AccountNotChecked,

    /// <summary>Nobody looks for statuses that wait under a provider's id once it is known.</summary>
    NoLookForParkedIds,

    /// <summary>The router takes conversations for another organization's, and puts good messages aside.</summary>
    OwnMessagePutAside,

    /// <summary>The router takes a message for one of its conversation's organization, whatever it says.</summary>
    ForeignMessageRouted,

    /// <summary>A client that was not recovered continues without loading the page.</summary>
    ClientSkipsPage,

    /// <summary>A client comes back without saying what it got last, and without loading the page.</summary>
    ClientForgetsSince,
}
