using System.Net;
using Cassandra;

namespace Chat.Engines.Cassandra.Connection;

/// <summary>
/// Asks the nodes of one datacenter, first those that hold the row: the driver's own policies, with the datacenter found where none is
/// set. The driver would take whichever it reached first, and warn about it at every start.
/// </summary>
/// <param name="datacenter">See <see cref="CassandraOptions.LocalDatacenter"/>.</param>
/// <param name="contactPoints">The addresses of the nodes that the connection string names.</param>
internal sealed class LocalDatacenterPolicy(string? datacenter, IReadOnlyCollection<IPAddress> contactPoints) : ILoadBalancingPolicy
{
    private ILoadBalancingPolicy _policy = new RoundRobinPolicy();

    /// <exception cref="InvalidOperationException">The contact points lie in several datacenters, and none is set.</exception>
    public void Initialize(ICluster cluster)
    {
        _policy = new TokenAwarePolicy(new DCAwareRoundRobinPolicy(datacenter ?? Find([.. cluster.AllHosts()])));
        _policy.Initialize(cluster);
    }

    public HostDistance Distance(Host host) => _policy.Distance(host);

    public IEnumerable<Host> NewQueryPlan(string keyspace, IStatement query) => _policy.NewQueryPlan(keyspace, query);

    private string Find(IReadOnlyCollection<Host> hosts)
    {
        var all = DatacentersOf(hosts);
        if (all.Length == 1) return all[0];
        var contacted = DatacentersOf(hosts.Where(h => contactPoints.Contains(h.Address.Address)));
        return contacted.Length == 1
            ? contacted[0]
            : throw new InvalidOperationException(
                $"Set {CassandraOptions.Section}:{nameof(CassandraOptions.LocalDatacenter)} to one of the datacenters "
                + string.Join(", ", all));
    }

    private static string[] DatacentersOf(IEnumerable<Host> hosts) => [.. hosts.Select(h => h.Datacenter).OfType<string>().Distinct()];
}
