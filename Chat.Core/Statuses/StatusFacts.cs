namespace Chat.Core.Statuses;

/// <summary>
/// All that is known of a message: a join-semilattice. Statuses arrive late, twice and out of order; whatever the order, the
/// merged facts are the same, and what is shown of them never goes backwards.
/// </summary>
public readonly record struct StatusFacts(Fact? Sent, Fact? Delivered, Fact? Read, Fact? Failed)
{
    /// <summary>Nothing known: the message is accepted.</summary>
    public static readonly StatusFacts None;

    /// <summary>The one fact of a kind.</summary>
    public Fact? this[StatusKind kind] => kind switch
    {
        StatusKind.Sent => Sent,
        StatusKind.Delivered => Delivered,
        StatusKind.Read => Read,
        StatusKind.Failed => Failed,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>READ &gt; DELIVERED &gt; FAILED &gt; SENT &gt; ACCEPTED: a failure can't hide a proven delivery.</summary>
    public MessageStatus Status =>
        Read is not null ? MessageStatus.Read
        : Delivered is not null ? MessageStatus.Delivered
        : Failed is not null ? MessageStatus.Failed
        : Sent is not null ? MessageStatus.Sent
        : MessageStatus.Accepted;

    /// <summary>The fact that <see cref="Status"/> stands on; null for ACCEPTED.</summary>
    public Fact? Decisive => Read ?? Delivered ?? Failed ?? Sent;

    /// <summary>Why the message failed, where FAILED is what is shown.</summary>
    public string? Reason => Status == MessageStatus.Failed ? Failed?.Reason : null;

    /// <summary>These facts and one more.</summary>
    public StatusFacts With(StatusKind kind, in Fact fact) => kind switch
    {
        StatusKind.Sent => this with { Sent = Fact.Merge(Sent, fact) },
        StatusKind.Delivered => this with { Delivered = Fact.Merge(Delivered, fact) },
        StatusKind.Read => this with { Read = Fact.Merge(Read, fact) },
        StatusKind.Failed => this with { Failed = Fact.Merge(Failed, fact) },
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>All that either side knows.</summary>
    public static StatusFacts Merge(in StatusFacts left, in StatusFacts right) => new(
        Fact.Merge(left.Sent, right.Sent),
        Fact.Merge(left.Delivered, right.Delivered),
        Fact.Merge(left.Read, right.Read),
        Fact.Merge(left.Failed, right.Failed));
}
