namespace Chat.Engines.Cassandra;

/// <summary>Configuration section <c>Cassandra</c>; where the server is stands in <c>ConnectionStrings:cassandra</c>.</summary>
public sealed class CassandraOptions
{
    public const string Section = "Cassandra";

    /// <summary>
    /// How a keyspace that does not exist yet is made: a CQL map. The default is one copy, for development; production wants
    /// <c>{'class': 'NetworkTopologyStrategy', 'dc1': 3}</c>. A keyspace that exists is left as it is.
    /// </summary>
    public string Replication { get; set; } = "{'class': 'SimpleStrategy', 'replication_factor': 1}";

    /// <summary>The data centre whose nodes are asked; null takes that of the contact points.</summary>
    public string? LocalDatacenter { get; set; }

    /// <summary>
    /// How long status changes are kept, counted from when the log took the event: a client that was away for longer loads the
    /// page anew.
    /// </summary>
    public TimeSpan ChangeRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// After this a request is given up, and while the server was never reached yet, so is a call that waits for it.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Requests in flight at the same time for one call of the store.</summary>
    public int MaxConcurrency { get; set; } = 64;

    /// <summary>Rows that go to one partition in one request at most.</summary>
    public int MaxRowsPerRequest { get; set; } = 100;
}
