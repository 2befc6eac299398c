namespace Chat.Core.Telemetry;

/// <summary>The attributes of spans: OpenTelemetry's for messaging where it has one, else <c>chat.</c></summary>
public static class SpanTags
{
    public const string MessagingSystem = "messaging.system";
    public const string OperationName = "messaging.operation.name";
    public const string OperationType = "messaging.operation.type";
    public const string Destination = "messaging.destination.name";
    public const string DestinationTemplate = "messaging.destination.template";
    public const string Partition = "messaging.destination.partition.id";
    public const string ConsumerGroup = "messaging.consumer.group.name";
    public const string BatchCount = "messaging.batch.message_count";
    public const string ConversationId = "messaging.message.conversation_id";
    public const string ErrorType = "error.type";

    /// <summary>Of both logs: the embedded one has Kafka's shape.</summary>
    public const string Offset = "messaging.kafka.offset";
    public const string Key = "messaging.kafka.message.key";

    public const string MessageId = "chat.message.id";

    /// <summary>SENT, DELIVERED, READ or FAILED.</summary>
    public const string Status = "chat.status";

    /// <summary>Seconds since the event happened, or since the log took it.</summary>
    public const string EventAge = "chat.event.age";

    /// <summary>Where the event of a dead letter is: topic, partition and offset.</summary>
    public const string DeadLetter = "chat.dead_letter";

    /// <summary>Sockets that a status went to.</summary>
    public const string Deliveries = "chat.hub.deliveries";

    /// <summary>
    /// Why a span is kept although its trace was not sampled: <c>failed</c>, <c>slow</c> or <c>dead_letter</c>. No back end has its parent.
    /// </summary>
    public const string Kept = "chat.trace.kept";
}
