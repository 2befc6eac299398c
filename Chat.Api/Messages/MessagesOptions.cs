using System.ComponentModel.DataAnnotations;

namespace Chat.Api.Messages;

/// <summary>The limits of messages: section <c>Messages</c>.</summary>
public sealed class MessagesOptions
{
    public const string Section = "Messages";

    /// <summary>Posts per second that one organization may make through one instance of the API; 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int PostsPerSecond { get; set; } = 2000;

    /// <summary>Posts of one organization that are let through at once.</summary>
    [Range(1, 1_000_000)]
    public int PostBurst { get; set; } = 2000;

    /// <summary>
    /// What a post to a conversation that this instance does not know counts, in posts: claiming one takes the store several times as
    /// long, and is kept for ever.
    /// </summary>
    [Range(1, 1000)]
    public int NewConversationCost { get; set; } = 5;

    /// <summary>
    /// Reads per second that one user may make through one instance of the API; 0 for no limit. A page of messages counts one for each
    /// fifty that are asked for; each look of a read that waits for its message counts one.
    /// </summary>
    [Range(0, 1_000_000)]
    public int ReadsPerSecond { get; set; } = 200;

    /// <summary>Reads of one user that are let through at once: all its conversations after a reconnect that lost something.</summary>
    [Range(1, 1_000_000)]
    public int ReadBurst { get; set; } = 2000;

    /// <summary>Reads per second of all users of an organization together; 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int OrganizationReadsPerSecond { get; set; } = 2000;

    /// <summary>Reads of all users of an organization that are let through at once.</summary>
    [Range(1, 1_000_000)]
    public int OrganizationReadBurst { get; set; } = 20_000;

    /// <summary>Reads of an instance that wait for their message at once; with more, they are answered without waiting.</summary>
    [Range(0, 1_000_000)]
    public int MaxWaitingReads { get; set; } = 1000;

    /// <summary>
    /// How long <c>GET /v1/messages/{id}</c> waits for a message that was just accepted, as <c>hh:mm:ss</c>; up to a minute.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan FindWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an idempotency key is remembered, as <c>d.hh:mm:ss</c>; from a second to a year.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "366.00:00:00")]
    public TimeSpan IdempotencyLifetime { get; set; } = TimeSpan.FromHours(24);
}
