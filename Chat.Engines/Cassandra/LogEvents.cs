namespace Chat.Engines.Cassandra;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int Connected = 6300;
    public const int NotReady = 6301;
    public const int SchemaStep = 6302;
    public const int KeyspaceCreated = 6303;
    public const int SchemaWaiting = 6304;
    public const int SchemaNewer = 6305;
    public const int LeaseNotReleased = 6306;
    public const int NodeFound = 6307;
    public const int ContactPointUnresolved = 6308;
    public const int SchemaDisagreement = 6309;
}
