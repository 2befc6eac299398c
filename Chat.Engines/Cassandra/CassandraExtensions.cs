using Chat.Core.Store;
using Chat.Engines.Cassandra.Connection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Chat.Engines.Cassandra;

public static class CassandraExtensions
{
    /// <summary>The name of the connection string and of the health check.</summary>
    public const string ConnectionName = "cassandra";

    /// <summary>
    /// Registers <see cref="IMessageStore"/> on the Cassandra that <c>ConnectionStrings:cassandra</c> names
    /// (<c>Contact Points=host1,host2;Port=9042;Default Keyspace=chat</c>, and <c>Username</c> and <c>Password</c> where the
    /// server asks for them). The host starts whether or not the server is up; the connection is made, and the schema brought up
    /// to date, in the background.
    /// </summary>
    public static IHostApplicationBuilder AddCassandraMessageStore(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<CassandraOptions>().BindConfiguration(CassandraOptions.Section);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(s => ServerAddress.Parse(
            s.GetRequiredService<IConfiguration>().GetConnectionString(ConnectionName)
            ?? throw new InvalidOperationException($"ConnectionStrings:{ConnectionName} is not set")));
        builder.Services.AddSingleton<CassandraConnection>();
        builder.Services.AddHostedService(s => s.GetRequiredService<CassandraConnection>());
        builder.Services.AddSingleton<IMessageStore, CassandraMessageStore>();
        builder.Services.AddHealthChecks().AddCheck<CassandraHealthCheck>(ConnectionName);
        return builder;
    }
}
