namespace Chat.Core.Statuses;

/// <summary>
/// What can be known of a message after it was accepted. Each kind is one fact; see <see cref="StatusFacts"/>.
/// The numbers are stored: never reuse one.
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
