using System.ComponentModel.DataAnnotations;
using Chat.Core.Security;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra;

/// <summary>Configuration section <c>Cassandra</c>; where the server is, <c>ConnectionStrings:cassandra</c> says.</summary>
public sealed class CassandraOptions : IValidatableObject
{
    public const string Section = "Cassandra";

    /// <summary>
    /// How a keyspace that does not exist yet is made: a CQL map. The default is one copy, for development; production wants
    /// <c>{'class': 'NetworkTopologyStrategy', 'dc1': 3}</c>. A keyspace that exists is left as it is.
    /// </summary>
    [Required]
    public string Replication { get; set; } = "{'class': 'SimpleStrategy', 'replication_factor': 1}";

    /// <summary>
    /// The datacenter whose nodes are asked. Null takes the only one there is or that of the contact points, and fails where these are
    /// in several.
    /// </summary>
    public string? LocalDatacenter { get; set; }

    /// <summary>
    /// After this a request is given up at one node, and after twice as long at all of them; while the server was never reached yet, a call
    /// that waits for it is given up after this: 100 ms to 10 min, 6 s by default. That is more than a node's own timeouts (5 s for
    /// a read), which begin later: its error arrives, and is not taken for silence.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>After this an attempt to connect to a node is given up: 100 ms to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Requests in flight at the same time for one call of the store: 1 to 2048.</summary>
    [Range(1, 2048)]
    public int MaxConcurrency { get; set; } = 64;

    /// <summary>Rows that go to one partition in one request at most: 2 to 1000.</summary>
    [Range(2, 1000)]
    public int MaxRowsPerRequest { get; set; } = 100;

    /// <summary>TLS to the nodes.</summary>
    public ServerTlsOptions Tls { get; set; } = new();

    /// <summary>
    /// The name that every node's certificate has. Null takes the contact point's, and the address of a node that is no contact point.
    /// </summary>
    public string? TlsHostName { get; set; }

    /// <summary>The role to log in as; null takes the connection string's <c>Username</c>.</summary>
    public string? Username { get; set; }

    /// <summary>The password of <see cref="Username"/>.</summary>
    public string? Password { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var problem in ServerTls.Validate(CassandraSecurity.TlsSection, Tls)) yield return new(problem);
        if (TlsHostName is not null && !Tls.Enabled)
            yield return new($"{Section}:{nameof(TlsHostName)} is set, and {CassandraSecurity.TlsSection}:Enabled is not true.");
        if (string.IsNullOrEmpty(Username) != string.IsNullOrEmpty(Password) || Username is "")
            yield return new($"{Section}:{nameof(Username)} and {Section}:{nameof(Password)} go together: set both or none.");
    }
}
