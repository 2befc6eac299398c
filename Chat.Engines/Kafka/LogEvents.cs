namespace Chat.Engines.Kafka;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int ClientLine = 6100;
    public const int ProducerReplaced = 6101;

    public const int TopicCreated = 6110;
    public const int TopicNotCreated = 6111;
    public const int SettingChanged = 6112;
    public const int SettingWrong = 6113;
    public const int SettingsUnknown = 6114;
    public const int RetentionShort = 6115;

    public const int MembershipEnded = 6120;
    public const int PartitionsAssigned = 6121;
    public const int PartitionsRevoked = 6122;
    public const int PartitionsLost = 6123;
    public const int ProcessingNotStopped = 6124;
    public const int OffsetsNotCommitted = 6125;
    public const int GroupNotLeft = 6126;
    public const int ConsumeFailed = 6127;
    public const int OffsetMovedBack = 6128;
    public const int TopicChanged = 6129;
    public const int TopicNotDescribed = 6130;
    public const int ProcessingFailed = 6131;
    public const int ProcessingReturned = 6132;
    public const int CloseFailed = 6133;
    public const int NothingCommitted = 6135;
    public const int LossUnknown = 6136;
    public const int LostItsWay = 6137;
    public const int MembershipFailed = 6138;
}
