using System.Collections.Concurrent;
using System.Net;
using Chat.Client;
using Chat.Tests.Api;
using Chat.Tests.Graph;

namespace Chat.Tests.Client;

/// <summary>The socket beyond those that a user may have is told why it is refused.</summary>
public sealed class TooManyConnectionsTests
{
    [Fact]
    public async Task A_client_is_told_and_the_same_address_without_an_upgrade_gives_the_same_answer()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Hub:MaxConnectionsPerUser"] = "1" });
        var token = ApiHost.Token(Guid.NewGuid(), Guid.NewGuid());
        var refused = await api.GetAsync("/ws/status", token);
        refused.IsProblem(HttpStatusCode.UpgradeRequired);
        Assert.Equal("13", refused.Header("Sec-WebSocket-Version"));
        await using var first = new ChatStatusClient(api.Client.BaseAddress!, token);
        first.Connect();
        await Until.TrueAsync(() => first.State == ConnectionState.Open, "the first is open");

        var errors = new ConcurrentQueue<ClientError>();
        var changes = new ConcurrentQueue<ConnectionChange>();
        await using var second = new ChatStatusClient(api.Client.BaseAddress!, token);
        second.ErrorOccurred += (_, error) => errors.Enqueue(error);
        second.ConnectionChanged += (_, change) => changes.Enqueue(change);
        second.Connect();
        await Until.TrueAsync(() => changes.Any(c => c.Code == 429), "the second is refused");

        Assert.Equal("too_many_connections", Assert.Single(errors).Code);
        Assert.True(changes.Single(c => c.Code == 429).Delay >= TimeSpan.FromSeconds(5));
        var told = (await api.GetAsync("/ws/status", token)).IsProblem(HttpStatusCode.TooManyRequests);
        Assert.Equal("5", told.Header("Retry-After"));
        var another = ApiHost.Token(Guid.NewGuid(), Guid.NewGuid());
        (await api.GetAsync("/ws/status", another)).IsProblem(HttpStatusCode.UpgradeRequired);
    }
}
