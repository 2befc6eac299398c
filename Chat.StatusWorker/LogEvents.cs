namespace Chat.StatusWorker;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int PartitionAssigned = 3000;
    public const int StatusReceived = 3001;
    public const int StatusesReceived = 3002;
    public const int EventsMisrouted = 3003;
    public const int EpochSuperseded = 3004;
    public const int BusDown = 3007;
    public const int BusUp = 3008;
    public const int FrameRefused = 3009;
    public const int EventsToldAgain = 3010;
    public const int EventNotToldAgain = 3011;

    public const int ParkedStatusesGivenUp = 3100;
    public const int ParkedStatusesNotOurs = 3101;

    public const int AuditFoundMissing = 3200;
    public const int AuditFoundMoreMissing = 3201;
    public const int Audited = 3202;
    public const int AuditRefused = 3203;
}
