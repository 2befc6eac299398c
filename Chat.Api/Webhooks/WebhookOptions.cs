using System.ComponentModel.DataAnnotations;
using Chat.Core.Webhooks;

namespace Chat.Api.Webhooks;

/// <summary>What bodies of webhooks may cost before it is known who sent them: section <c>Webhooks</c>.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>How long a body may take from the request's beginning to its last byte: 1 second to 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of bodies that an instance holds at once, until they are appended; one of the largest at least.</summary>
    [Range(RawWebhook.MaxBytes, int.MaxValue)]
    public int MaxHeldBytes { get; set; } = 64 << 20;
}
