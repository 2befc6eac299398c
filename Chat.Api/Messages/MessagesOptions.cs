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
    /// How long <c>GET /v1/messages/{id}</c> waits for a message that was just accepted, as <c>hh:mm:ss</c>; up to a minute.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan FindWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an idempotency key is remembered, as <c>d.hh:mm:ss</c>; from a second to a year.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "366.00:00:00")]
    public TimeSpan IdempotencyLifetime { get; set; } = TimeSpan.FromHours(24);
}
