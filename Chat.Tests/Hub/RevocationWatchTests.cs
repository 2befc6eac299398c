using System.Collections.Frozen;
using Chat.Api.Auth;
using Chat.Api.Hub;
using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sessions;
using Chat.Api.Hub.Sockets;
using Chat.Core.Time;
using Chat.Core.Tokens;
using Chat.Engines.Embedded;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Hub;

/// <summary>When an instance notices that a token was revoked, on a clock that is the test's.</summary>
public sealed class RevocationWatchTests : IAsyncLifetime, IRevokedTokenStore
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly FeedFixture _hub = new();
    private readonly InProcessStatusBus _bus = new(NullLogger<InProcessStatusBus>.Instance);
    private readonly CapturedLogs _logs = new();
    private readonly ConnectionRegistry _connections = new(Options.Create(new HubOptions()));
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<string> _revoked = [];
    private HubSessions _sessions = null!;
    private Task _running = null!;
    private bool _isAway;
    private int _looks;

    public ValueTask InitializeAsync()
    {
        _sessions = _hub.Sessions();
        var watch = new RevocationWatch(
            new(this, _hub.Time),
            _connections,
            _bus,
            _hub.Time,
            Options.Create(new JwtOptions { RevocationInterval = Interval }),
            LoggerFactory.Create(logging => logging.AddProvider(_logs)).CreateLogger<RevocationWatch>());
        _running = watch.RunAsync(_stopping.Token);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.WaitQuietlyAsync();
        _stopping.Dispose();
    }

    [Fact]
    public async Task A_socket_is_closed_once_at_the_look_after_its_token_was_revoked_and_no_other_is()
    {
        RecordedFrames one = new(), other = new(), none = new();
        await using var first = Open(one, "one");
        await using var second = Open(other, "two");
        await using var third = Open(none, null);
        _revoked.Add("one");

        await PassAsync(Interval - TimeSpan.FromSeconds(1), looks: 0);
        Assert.Null(one.Closed);
        await PassAsync(TimeSpan.FromSeconds(1), looks: 1);
        await PassAsync(Interval, looks: 1);

        Assert.Equal((CloseCode.TokenRevoked, null, null), (one.Closed, other.Closed, none.Closed));
        Assert.Single(_logs.Lines, l => l.Contains("Closed 1 sockets", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hint_is_followed_by_a_look_and_any_number_of_hints_by_one_a_second()
    {
        for (var i = 0; i < 1000; i++) await RevocationHint.PublishAsync(_bus, TestContext.Current.CancellationToken);

        await PassAsync(TimeSpan.FromSeconds(1), looks: 1);
        await PassAsync(TimeSpan.FromSeconds(1), looks: 0);
        await RevocationHint.PublishAsync(_bus, TestContext.Current.CancellationToken);
        await Until.TrueAsync(() => _looks == 3, "a hint is followed by a look");
    }

    [Fact]
    public async Task While_the_store_is_away_it_goes_on_looking_and_says_so_once()
    {
        _isAway = true;
        await using var session = Open(new(), "one");
        for (var i = 0; i < 3; i++) await PassAsync(Interval, looks: 1);
        Assert.Single(_logs.Lines, l => l.Contains("Could not read which tokens were revoked", StringComparison.Ordinal));

        _isAway = false;
        _revoked.Add("two");
        RecordedFrames late = new();
        await using var second = Open(late, "two");
        await PassAsync(Interval, looks: 1);

        Assert.Equal(CloseCode.TokenRevoked, late.Closed);
    }

    [Fact]
    public async Task A_socket_whose_token_is_known_to_be_revoked_is_closed_when_it_opens_and_while_the_store_is_away()
    {
        RecordedFrames found = new(), opened = new();
        _revoked.Add("one");
        await PassAsync(Interval, looks: 1);
        _isAway = true;
        await using var first = Open(found, "one");
        Assert.Null(found.Closed);

        await PassAsync(Interval, looks: 1);
        await Until.TrueAsync(() => found.Closed == CloseCode.TokenRevoked, "it is closed by what was known before");

        await using var second = Open(opened, "one", _hub.Sessions(new KnowsOne()));
        Assert.Equal(CloseCode.TokenRevoked, opened.Closed);
    }

    public ValueTask RevokeAsync(RevokedToken token, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<RevokedToken>> ListRevokedAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        _looks++;
        if (_isAway) throw new IOException("away");
        return ValueTask.FromResult<IReadOnlyList<RevokedToken>>([.. _revoked.Select(id => new RevokedToken(id, DateTimeOffset.MaxValue))]);
    }

    /// <summary>Lets time pass, in steps that each wait of the watch can follow, and waits for as many looks as are due.</summary>
    private async Task PassAsync(TimeSpan time, int looks)
    {
        var before = _looks;
        for (; time > TimeSpan.Zero; time -= TimeSpan.FromSeconds(1))
        {
            _hub.Time.Advance(TimeSpan.FromSeconds(1));
            // What the timers woke up runs on the thread pool.
            for (var i = 0; i < 100; i++) await Task.Yield();
        }
        await Until.TrueAsync(() => _looks >= before + looks, $"{looks} looks at the store");
        Assert.Equal(before + looks, _looks);
    }

    private HubSession Open(RecordedFrames frames, string? tokenId, HubSessions? sessions = null)
    {
        var user = new ChatUser(Guid.NewGuid(), FeedFixture.Organization, DateTimeOffset.MaxValue, tokenId);
        var session = (sessions ?? _sessions).Open("c", user, frames);
        _connections.Add(frames, session);
        return session;
    }

    /// <summary>The others know of none: what closes their sockets is the watch.</summary>
    private sealed class KnowsOne : ITokenReader
    {
        public FrozenSet<string> Revoked { get; } = FrozenSet.Create("one");

        public ValueTask<ChatUser?> ReadAsync(string token, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
