namespace Chat.Simulation;

/// <summary>
/// Deliberate breaks, all of them made at the simulated ports or by leaving a part out, each of which the simulation must notice within
/// a known number of seeds. They say what it would notice.
/// </summary>
public enum InjectedBug
{
    None,

    /// <summary>What a consumer reads counts as done at once: commit before persist.</summary>
    CommitBeforePersist,

    /// <summary>Change rows are written some time after the publish.</summary>
    PublishBeforePersist,

    /// <summary>The last value of a fact stays, instead of the earliest.</summary>
    OverwriteFacts,

    /// <summary>A redelivered event has another number.</summary>
    RenumberRedelivery,

    /// <summary>The hub is told that nothing is missing before a payload, whatever was.</summary>
    NoPrevCheck,

    /// <summary>Nobody looks at the heads.</summary>
    NoHeadCheck,

    /// <summary>The hub is not told that the bus connection was away.</summary>
    NoRestored,

    /// <summary>The head is read while the bus subscription does not stand yet.</summary>
    SubscribeTooEarly,

    /// <summary>The status worker does not look for the message again after it parked a status.</summary>
    NoLookAfterParking,

    /// <summary>The router does not look for statuses that wait for its message.</summary>
    NoLookForParked,

    /// <summary>Whose conversation it is, the hub believes the one who asks.</summary>
    NoOwnerCheck,

    /// <summary>A client that is told that it was not recovered goes on without the page.</summary>
    ClientSkipsPage,

    /// <summary>A client comes back without saying what it got last, and without loading the page.</summary>
    ClientForgetsSince,
}
