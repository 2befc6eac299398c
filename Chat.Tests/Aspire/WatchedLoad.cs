using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Chat.Tests.Graph;

namespace Chat.Tests.Aspire;

/// <summary>
/// Messages that are posted without a pause until they are enough, and a socket on the other instance that watches their
/// conversation all the time.
/// </summary>
internal sealed class WatchedLoad : IAsyncDisposable
{
    private const int Posters = 4;

    private readonly TestUser _user;
    private readonly TestSocket _socket;
    private readonly Guid _conversation = Guid.NewGuid();
    private readonly ConcurrentDictionary<Guid, byte> _accepted = new();
    private readonly List<JsonElement> _frames = [];
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private Task _posting = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;

    private WatchedLoad(TestUser user, TestSocket socket) => (_user, _socket) = (user, socket);

    public static async Task<WatchedLoad> StartAsync(TestUser user)
    {
        var load = new WatchedLoad(user, await user.OpenAsync());
        await load._socket.SubscribeAsync(load._conversation);
        load._watching = load.WatchAsync();
        load._posting = Task.WhenAll(Enumerable.Range(0, Posters).Select(_ => load.PostAsync()));
        return load;
    }

    /// <summary>Waits until this many messages were answered with 202.</summary>
    public Task PostedAsync(int messages) =>
        Until.TrueAsync(() => _accepted.Count >= messages, $"{messages} messages are accepted", TimeSpan.FromMinutes(2));

    /// <summary>Ends the posting: each message becomes READ, in the store and on the socket that never reconnected.</summary>
    public async Task EndsInReadAsync(TimeSpan within)
    {
        await _stop.CancelAsync();
        await _posting;
        await Until.TrueAsync(
            async () =>
            {
                var statuses = await _user.StatusesAsync(_conversation);
                return _accepted.Keys.All(m => statuses.GetValueOrDefault(m) == "READ");
            },
            "every accepted message is READ",
            within);
        await Until.TrueAsync(
            () => Shown() is var shown && _accepted.Keys.All(m => shown.GetValueOrDefault(m)?[^1].Text("status") == "READ"),
            "every accepted message is shown as READ",
            within);
        foreach (var frames in Shown().Values) Graph.Statuses.AssertEndsInRead(frames);
        lock (_frames) Assert.Equal(_frames.Select(f => f.Seq()).Distinct().Order(), _frames.Select(f => f.Seq()));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _posting;
        await _socket.DisposeAsync();
        await _watching;
        _stop.Dispose();
    }

    private Dictionary<Guid, List<JsonElement>> Shown()
    {
        lock (_frames) return _frames.GroupBy(f => f.Id("messageId")).ToDictionary(g => g.Key, g => g.ToList());
    }

    private async Task WatchAsync()
    {
        await foreach (var frame in _socket.Frames.ReadAllAsync())
        {
            Assert.True(frame.Is("message.status"), frame.ToString());
            lock (_frames) _frames.Add(frame);
        }
    }

    private async Task PostAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var response = await _user.SendAsync(HttpMethod.Post, "/v1/messages", _user.Body(_conversation));
                if (response.StatusCode == HttpStatusCode.Accepted) _accepted[(await Graph.Json.ReadAsync(response)).Id("messageId")] = 0;
            }
            catch (HttpRequestException)
            {
                // Not answered, so nothing was promised.
            }
        }
    }
}
