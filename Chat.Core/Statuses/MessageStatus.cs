namespace Chat.Core.Statuses;

/// <summary>What is shown of a message, derived from its <see cref="StatusFacts"/>. The numbers are stored.</summary>
public enum MessageStatus
{
    /// <summary>Taken by the API (202), nothing heard from the provider yet.</summary>
    Accepted = 0,
    Sent = 1,
    Delivered = 2,
    Read = 3,
    Failed = 4,
}
