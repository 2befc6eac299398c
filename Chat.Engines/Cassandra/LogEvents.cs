namespace Chat.Engines.Cassandra;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int Connected = 2300;
    public const int NotReady = 2301;
    public const int SchemaStep = 2302;
    public const int KeyspaceCreated = 2303;
    public const int SchemaWaiting = 2304;
    public const int SchemaNewer = 2305;
    public const int LeaseNotReleased = 2306;
}
