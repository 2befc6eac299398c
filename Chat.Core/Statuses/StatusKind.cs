namespace Chat.Core.Statuses;

/// <summary>
/// What can be known of a message after it was accepted. Each kind is one fact; see <see cref="StatusFacts"/>, and
/// <see cref="StatusKinds"/> for what else a new kind needs. The numbers are stored, and count on from 1: never reuse one.
/// </summary>
public enum StatusKind
{
    /// <summary>The provider took the message.</summary>
    Sent = 1,

    /// <summary>It reached the recipient's device.</summary>
    Delivered = 2,

    /// <summary>The recipient opened it; implies <see cref="Delivered"/>.</summary>
    Read = 3,

    /// <summary>The provider says that it could not be sent or delivered; see <see cref="Fact.Reason"/>.</summary>
    Failed = 4,
}

/// <summary>
/// What is shown of a message, derived from its <see cref="StatusFacts"/>: accepted, or one of the kinds under its own number. The
/// numbers are stored.
/// </summary>
public enum MessageStatus
{
    /// <summary>Taken by the API (202), nothing heard from the provider yet.</summary>
    Accepted = 0,
    Sent = StatusKind.Sent,
    Delivered = StatusKind.Delivered,
    Read = StatusKind.Read,
    Failed = StatusKind.Failed,
}
