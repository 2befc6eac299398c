namespace Chat.Engines.Kafka;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int ClientLine = 6000;
    public const int ProducerReplaced = 6001;

    public const int TopicCreated = 6100;
    public const int TopicNotCreated = 6101;
    public const int TimestampTypeChanged = 6102;
    public const int TimestampTypeWrong = 6103;
    public const int TimestampTypeUnknown = 6104;

    public const int MembershipEnded = 6200;
    public const int PartitionsAssigned = 6201;
    public const int PartitionsRevoked = 6202;
    public const int PartitionsLost = 6203;
    public const int ProcessingNotStopped = 6204;
    public const int OffsetsNotCommitted = 6205;
    public const int GroupNotLeft = 6206;
    public const int ConsumeFailed = 6207;
    public const int OffsetMovedBack = 6208;
    public const int TopicChanged = 6209;
    public const int TopicNotDescribed = 6210;
    public const int ProcessingFailed = 6211;
    public const int ProcessingReturned = 6212;
    public const int CloseFailed = 6213;
}
