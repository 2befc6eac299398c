using Microsoft.Extensions.Hosting;

namespace Chat.Engines.Selection;

/// <summary>Stands in for Cassandra's engine in a build without its driver (<c>FullFeed=false</c>).</summary>
internal static class CassandraExtensions
{
    public const string ConnectionName = "cassandra";

    /// <exception cref="InvalidOperationException">Always: this build can't use Cassandra.</exception>
    public static IHostApplicationBuilder AddCassandraStore(this IHostApplicationBuilder builder) =>
        throw new InvalidOperationException(
            $"ConnectionStrings:{ConnectionName} is set, and this build leaves Cassandra's driver out (FullFeed=false).");
}
