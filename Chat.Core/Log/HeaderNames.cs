namespace Chat.Core.Log;

/// <summary>The headers that events carry.</summary>
public static class HeaderNames
{
    /// <summary>W3C Trace Context.</summary>
    public const string TraceParent = "traceparent";

    /// <summary>
    /// Says that a status event was appended again under its conversation's key, and how many partitions the worker that did so saw.
    /// Where the event is in the wrong partition all the same, either that worker or the producer had an outdated view of the topic.
    /// </summary>
    public const string Rekeyed = "chat.rekeyed";

    /// <summary>Says that a message comes back from being held, and by which hold (<see cref="Providers.HeldMessage.HoldId"/>).</summary>
    public const string Hold = "chat.hold";

    /// <summary>The app that a provider's webhook was posted to (<see cref="Accounts.Account.App"/>), and whose own it is.</summary>
    public const string WebhookApp = "chat.webhook.app";
    public const string WebhookOrganization = "chat.webhook.organization";

    /// <summary>Why a dead letter is one.</summary>
    public const string DeadLetterReason = "dlq.reason";

    /// <summary>Where a dead letter came from: <c>topic</c>, <c>partition</c> and <c>offset</c> of the event.</summary>
    public const string DeadLetterTopic = "dlq.topic";
    public const string DeadLetterPartition = "dlq.partition";
    public const string DeadLetterOffset = "dlq.offset";

    /// <summary>Marks a dead letter that says where its event is instead of holding it: <see cref="Log.DeadLetterPointer"/>.</summary>
    public const string DeadLetterPointer = "dlq.pointer";

    /// <summary>
    /// Of a status that was given up: the number under which it was recorded, and when the log took it, in Unix milliseconds.
    /// </summary>
    public const string DeadLetterSeq = "dlq.seq";
    public const string DeadLetterAppendedAt = "dlq.appended_at";

    /// <summary>How many times an event was put back from the dead letters. Stays when it becomes one again.</summary>
    public const string PutBack = "chat.put_back";

    /// <summary>Of the record that a dead letter was put back: the operator who asked for it.</summary>
    public const string PutBackBy = "chat.put_back.by";
}
