using Chat.Core.Bus;
using Chat.Engines.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.Compliance;

/// <summary>The bus on several connections, among which conversations are spread.</summary>
public sealed class RedisConnectionsTests(RedisServer redis) : RedisVariantTests(redis, ("Redis:SubscriberConnections", "3"));

/// <summary>The bus on sharded channels, which the driver subscribes to.</summary>
public sealed class RedisShardedTests(RedisServer redis) : RedisVariantTests(redis, ("Redis:ShardedPubSub", "true"));

public abstract class RedisVariantTests(RedisServer redis, (string Name, string Value) setting)
    : StatusBusCompliance, IClassFixture<RedisServer>
{
    private readonly List<IHost> _hosts = [];

    protected override ValueTask<IStatusBus> OpenAsync()
    {
        Assert.SkipWhen(redis.Address is null, "No Redis: set ConnectionStrings__redis, or install redis-server.");
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["ConnectionStrings:redis"] = redis.Address, [setting.Name] = setting.Value });
        builder.AddRedisStatusBus();
        _hosts.Add(builder.Build());
        return ValueTask.FromResult(_hosts[^1].Services.GetRequiredService<IStatusBus>());
    }

    protected override ValueTask<IStatusBus> OpenPeerAsync(IStatusBus bus) => OpenAsync();

    protected override async ValueTask CloseAsync()
    {
        foreach (var host in _hosts) await ((IAsyncDisposable)host).DisposeAsync();
    }
}
