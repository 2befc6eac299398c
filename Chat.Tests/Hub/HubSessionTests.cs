using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Chat.Api.Auth;
using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sessions;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.Hub;

/// <summary>What a client gets for each frame, on a socket, a clock and a token reader that are the test's.</summary>
public sealed class HubSessionTests : IAsyncLifetime
{
    private static readonly Guid User = Guid.Parse("789e1234-e89b-12d3-a456-426614174000");
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly CapturedLogs _logs = new();
    private readonly Tokens _tokens = new();
    private readonly RecordedFrames _sent = new();
    private FeedFixture _hub = null!;
    private HubSession? _session;

    public ValueTask InitializeAsync()
    {
        _hub = new();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is not null) await _session.DisposeAsync();
    }

    [Fact]
    public void Session_when_opened_says_who_is_connected()
    {
        Open();

        Assert.Equal("connected", _sent.Last.GetProperty("type").GetString());
        Assert.Equal("c1", _sent.Last.GetProperty("connectionId").GetString());
        Assert.Equal(User, _sent.Last.GetProperty("userId").GetGuid());
        Assert.Equal("2026-11-23T07:00:00.000Z", _sent.Last.GetProperty("timestamp").GetString());
    }

    [Fact]
    public void Ping_when_sent_is_answered_with_the_time()
    {
        Open();
        Pass(TimeSpan.FromSeconds(30));

        Send("""{"type":"ping"}""");

        Assert.Equal("pong", _sent.Last.GetProperty("type").GetString());
        Assert.Equal("2026-11-23T07:00:30.000Z", _sent.Last.GetProperty("timestamp").GetString());
    }

    [Fact]
    public void Token_when_it_expires_closes_the_socket_with_4401()
    {
        Open();

        Pass(Lifetime - TimeSpan.FromSeconds(1));
        Assert.Null(_sent.Closed);
        Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(CloseCode.TokenExpired, _sent.Closed);
        Assert.Equal(4401, (int)_sent.Closed!);
    }

    [Fact]
    public void Token_when_it_lasts_for_months_expires_at_its_time()
    {
        Open(TimeSpan.FromDays(100));

        for (var day = 0; day < 99; day++) Pass(TimeSpan.FromDays(1));
        Assert.Null(_sent.Closed);
        Pass(TimeSpan.FromDays(1));

        Assert.Equal(CloseCode.TokenExpired, _sent.Closed);
    }

    [Fact]
    public void Auth_when_the_token_is_the_same_users_extends_the_session()
    {
        Open();
        Pass(Lifetime / 2);
        _tokens.Answer = _ => ValueTask.FromResult<ChatUser?>(Someone(_hub.Time.GetUtcNow() + Lifetime));

        Send("""{"type":"auth","token":"fresh"}""");

        Assert.Equal("authenticated", _sent.Last.GetProperty("type").GetString());
        Assert.Equal("2026-11-23T07:15:00.000Z", _sent.Last.GetProperty("expiresAt").GetString());
        Assert.Equal(["fresh"], _tokens.Read);
        Pass(Lifetime - TimeSpan.FromSeconds(1));
        Assert.Null(_sent.Closed);
        Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(CloseCode.TokenExpired, _sent.Closed);
    }

    [Theory]
    [InlineData("nobody's")]
    [InlineData("another user's")]
    [InlineData("another organization's")]
    [InlineData("no organization's")]
    public void Auth_when_the_token_is_bad_or_anothers_is_refused_and_the_old_one_counts(string whose)
    {
        ChatUser? read = whose switch
        {
            "another user's" => new(Guid.NewGuid(), FeedFixture.Organization, DateTimeOffset.MaxValue),
            "another organization's" => new(User, Guid.NewGuid(), DateTimeOffset.MaxValue),
            "no organization's" => new(User, null, DateTimeOffset.MaxValue),
            _ => null,
        };
        Open();
        _tokens.Answer = _ => ValueTask.FromResult(read);

        Send("""{"type":"auth","token":"bad"}""");

        Assert.Equal(UserTexts.InvalidToken.Portuguese, _sent.LastError("invalid_token"));
        Assert.Null(_sent.Closed);
        Pass(Lifetime);
        Assert.Equal(CloseCode.TokenExpired, _sent.Closed);
    }

    [Fact]
    public void Auth_when_the_authority_does_not_answer_is_unavailable_and_may_be_sent_again()
    {
        Open();
        var reading = new TaskCompletionSource<ChatUser?>();
        _tokens.Answer = _ => new(reading.Task);

        Send("""{"type":"auth","token":"fresh"}""");
        reading.SetException(new UnavailableException(new HttpRequestException("no route to the authority")));

        Assert.Equal(UserTexts.TokenUnavailable.Portuguese, _sent.LastError("unavailable", retryable: true));
        Assert.Null(_sent.Closed);
        Assert.Contains(_logs.Lines, l => l.Contains("no route to the authority", StringComparison.Ordinal));
        _tokens.Answer = _ => ValueTask.FromResult<ChatUser?>(Someone(DateTimeOffset.MaxValue));
        Send("""{"type":"auth","token":"fresh"}""");
        Assert.Equal("authenticated", _sent.Last.GetProperty("type").GetString());
    }

    [Fact]
    public void Auth_when_the_check_fails_in_any_other_way_is_answered_and_logs_no_part_of_the_token()
    {
        Open();
        _tokens.Answer = token => throw new InvalidOperationException($"could not read {token}");

        Send("""{"type":"auth","token":"secret-part"}""");

        _sent.LastError("unavailable", retryable: true);
        Assert.Contains(_logs.Lines, l => l.Contains(nameof(InvalidOperationException), StringComparison.Ordinal));
        Assert.DoesNotContain(_logs.Lines, l => l.Contains("secret-part", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Auths_that_overlap_are_answered_in_their_order_and_the_last_accepted_counts()
    {
        Open();
        var (first, second) = (new TaskCompletionSource<ChatUser?>(), new TaskCompletionSource<ChatUser?>());
        _tokens.Answer = token => token switch
        {
            "first" => new(first.Task),
            "second" => new(second.Task),
            _ => ValueTask.FromResult<ChatUser?>(null),
        };

        foreach (var token in new[] { "first", "second", "bad" }) Send($$"""{"type":"auth","token":"{{token}}"}""");
        second.SetResult(Someone(_hub.Time.GetUtcNow() + (2 * Lifetime)));
        Assert.Equal(["connected"], _sent.Types);
        first.SetResult(Someone(_hub.Time.GetUtcNow() + (3 * Lifetime)));

        await Until.TrueAsync(() => _sent.All.Count == 4, "all three are answered");
        Assert.Equal(["connected", "authenticated", "authenticated", "error"], _sent.Types);
        Assert.Equal(["first", "second", "bad"], _tokens.Read);
        Assert.Equal("2026-11-23T07:30:00.000Z", _sent.All[1].GetProperty("expiresAt").GetString());
        Assert.Equal("2026-11-23T07:20:00.000Z", _sent.All[2].GetProperty("expiresAt").GetString());
        Pass((2 * Lifetime) - TimeSpan.FromSeconds(1));
        Assert.Null(_sent.Closed);
        Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(CloseCode.TokenExpired, _sent.Closed);
    }

    [Fact]
    public void Auths_when_more_of_them_wait_than_any_client_sends_close_the_socket()
    {
        Open();
        _tokens.Answer = _ => new(new TaskCompletionSource<ChatUser?>().Task);

        for (var i = 0; i < 16; i++) Send("""{"type":"auth","token":"fresh"}""");
        Assert.Null(_sent.Closed);
        Send("""{"type":"auth","token":"fresh"}""");

        Assert.Equal(CloseCode.TooManyFrames, _sent.Closed);
        Assert.Single(_tokens.Read);
    }

    [Fact]
    public void Auth_when_its_token_is_revoked_while_it_is_checked_closes_the_socket()
    {
        Open();
        _tokens.Answer = _ =>
        {
            _tokens.Revoked = FrozenSet.Create("fresh one");
            return ValueTask.FromResult<ChatUser?>(Someone(DateTimeOffset.MaxValue) with { TokenId = "fresh one" });
        };

        Send("""{"type":"auth","token":"fresh"}""");

        Assert.Equal(CloseCode.TokenRevoked, _sent.Closed);
        Assert.Equal(["connected"], _sent.Types);
    }

    [Fact]
    public void A_token_that_was_replaced_closes_nothing_when_it_is_revoked()
    {
        Open(tokenId: "old one");
        _tokens.Answer = _ => ValueTask.FromResult<ChatUser?>(Someone(DateTimeOffset.MaxValue) with { TokenId = "fresh one" });
        Send("""{"type":"auth","token":"fresh"}""");

        Assert.False(_session!.CloseIfRevoked(FrozenSet.Create("old one")));

        Assert.Null(_sent.Closed);
        Assert.True(_session.CloseIfRevoked(FrozenSet.Create("fresh one")));
    }

    [Fact]
    public void Auth_when_the_socket_is_closing_for_a_revoked_token_changes_nothing_any_more()
    {
        Open(tokenId: "old one");
        var checking = new TaskCompletionSource<ChatUser?>();
        _tokens.Answer = _ => new(checking.Task);
        Send("""{"type":"auth","token":"fresh"}""");

        Assert.True(_session!.CloseIfRevoked(FrozenSet.Create("old one")));
        checking.SetResult(Someone(DateTimeOffset.MaxValue));

        Assert.Equal(["connected"], _sent.Types);
    }

    [Fact]
    public async Task Auths_end_with_their_session_and_say_nothing()
    {
        Open();
        var never = new TaskCompletionSource<ChatUser?>();
        _tokens.Answer = _ => new(never.Task.WaitAsync(_tokens.Cancellation));
        for (var i = 0; i < 2; i++) Send("""{"type":"auth","token":"fresh"}""");

        await _session!.DisposeAsync();

        Assert.True(_tokens.Cancellation.IsCancellationRequested);
        Assert.Equal(["connected"], _sent.Types);
        Assert.Single(_tokens.Read);
        Assert.Empty(_logs.Lines);
    }

    [Fact]
    public void Subscribe_when_granted_gets_the_head_and_then_what_is_published()
    {
        _hub.Store.Changes.Add(5);
        Open();

        Subscribe(FeedFixture.Conversation);
        _hub.Publish(6, prev: 5);

        Assert.Equal(["connected", "subscribed", "message.status"], _sent.Types);
        Assert.Equal(5, _sent.All[1].GetProperty("seq").GetInt64());
        Assert.Equal(6, _sent.All[2].GetProperty("seq").GetInt64());
    }

    [Fact]
    public void Subscribe_when_the_conversation_is_another_organizations_is_forbidden()
    {
        Open(organization: FeedFixture.Stranger);

        Subscribe(FeedFixture.Conversation);

        Assert.Equal(UserTexts.ForeignConversation.Portuguese, _sent.LastError("forbidden"));
        Assert.Equal(FeedFixture.Conversation, _sent.Last.GetProperty("conversationId").GetGuid());
        Assert.Equal(0, _hub.Bus.Subscriptions);
    }

    [Fact]
    public void Subscribe_when_sent_twice_leaves_one_subscription()
    {
        Open();

        Subscribe(FeedFixture.Conversation);
        Subscribe(FeedFixture.Conversation);
        _hub.Publish(1, prev: 0);

        Assert.Equal(["connected", "subscribed", "subscribed", "message.status"], _sent.Types);
        Assert.Equal(1, _hub.Bus.Subscriptions);
    }

    [Fact]
    public void Subscribe_when_the_socket_has_its_most_is_refused_until_one_is_cancelled()
    {
        _hub = new(o => o.MaxSubscriptions = 2);
        Open();
        Guid[] conversations = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        Subscribe(conversations[0]);
        Subscribe(conversations[1]);

        Subscribe(conversations[2]);
        Assert.Contains("2", _sent.LastError("too_many_subscriptions"), StringComparison.Ordinal);
        Assert.Equal(conversations[2], _sent.Last.GetProperty("conversationId").GetGuid());
        Subscribe(conversations[1]);
        Assert.Equal("subscribed", _sent.Last.GetProperty("type").GetString());

        Unsubscribe(conversations[0]);
        Subscribe(conversations[2]);
        Assert.Equal("subscribed", _sent.Last.GetProperty("type").GetString());
    }

    [Fact]
    public void Unsubscribe_when_sent_ends_the_frames_and_the_bus_subscription()
    {
        Open();
        Subscribe(FeedFixture.Conversation);

        Unsubscribe(FeedFixture.Conversation);

        Assert.Equal("unsubscribed", _sent.Last.GetProperty("type").GetString());
        Assert.Equal(0, _hub.Bus.Subscriptions);
    }

    [Fact]
    public void Unsubscribe_when_the_subscription_catches_up_ends_it_at_once()
    {
        Open();
        _hub.Store.Changes.UnionWith([1, 2, 3]);
        _sent.Sent = frame =>
        {
            if (frame.TryGetProperty("seq", out var seq) && seq.GetInt64() == 2) Unsubscribe(FeedFixture.Conversation);
        };

        Send(_session!, FeedFixture.Conversation, since: 0);

        Assert.Equal(["subscribed", "1", "2", "unsubscribed"], Told());
        Assert.Equal(0, _hub.Bus.Subscriptions);
    }

    // What the first one still sends would be taken for the second's.
    [Fact]
    public async Task Subscribe_right_after_unsubscribe_begins_once_the_first_has_ended_and_that_is_answered()
    {
        Open();
        _hub.Store.Changes.UnionWith([1, 2, 3]);
        var room = new TaskCompletionSource();
        _sent.Room = room.Task;
        Send(_session!, FeedFixture.Conversation, since: 0);
        Unsubscribe(FeedFixture.Conversation);
        Unsubscribe(FeedFixture.Conversation);
        Send(_session!, FeedFixture.Conversation, since: 1);
        Assert.Empty(Told());

        _sent.Room = Task.CompletedTask;
        room.SetResult();

        // A wait that was cancelled goes on in the thread pool.
        await Until.TrueAsync(() => Told().Count() >= 5, "the second one is told what it missed");
        Assert.Equal(["unsubscribed", "unsubscribed", "subscribed", "2", "3"], Told());
        Unsubscribe(FeedFixture.Conversation);
        await Until.TrueAsync(() => _hub.Bus.Subscriptions == 0, "the subscription ends");
    }

    [Fact]
    public void Subscribe_when_one_of_the_sockets_most_is_about_to_end_takes_its_place()
    {
        _hub = new(o => o.MaxSubscriptions = 1);
        Open();
        var room = new TaskCompletionSource();
        _sent.Room = room.Task;
        var other = Guid.NewGuid();
        Send(_session!, FeedFixture.Conversation, since: 0);
        Unsubscribe(FeedFixture.Conversation);
        Subscribe(other);
        Assert.Equal(["subscribed"], Told());
        room.SetResult();
        Assert.Equal(["subscribed", "unsubscribed"], Told());
        Subscribe(Guid.NewGuid());
        Assert.Contains("1", _sent.LastError("too_many_subscriptions"), StringComparison.Ordinal);
        Unsubscribe(other);
        Subscribe(FeedFixture.Conversation);
        Assert.Equal("subscribed", _sent.Types.Last());
    }

    [Fact]
    public void Unsubscribe_when_the_bus_subscription_can_not_be_given_back_is_answered_all_the_same()
    {
        Open();
        Subscribe(FeedFixture.Conversation);
        _hub.Bus.FailsToUnsubscribe = true;

        Unsubscribe(FeedFixture.Conversation);

        Assert.Equal("unsubscribed", _sent.Last.GetProperty("type").GetString());
        _hub.Bus.FailsToUnsubscribe = false;
        Subscribe(FeedFixture.Conversation);
        Assert.Equal("subscribed", _sent.Last.GetProperty("type").GetString());
    }

    [Fact]
    public void Unsubscribe_when_nothing_was_subscribed_is_answered_as_usual()
    {
        Open();

        Unsubscribe(FeedFixture.Conversation);

        Assert.Equal("unsubscribed", _sent.Last.GetProperty("type").GetString());
    }

    [Fact]
    public void Frames_when_more_than_the_burst_are_too_many_until_time_has_passed()
    {
        _hub = new(o => (o.InboundBurst, o.InboundPerSecond) = (2, 1));
        Open();

        Assert.True(_session!.OnFrame());
        Assert.True(_session.OnFrame());
        Assert.False(_session.OnFrame());
        Pass(TimeSpan.FromSeconds(1));
        Assert.True(_session.OnFrame());
        Assert.False(_session.OnFrame());
    }

    [Fact]
    public void Frames_when_too_many_close_the_socket_with_4029()
    {
        Open();

        _session!.OnTooManyFrames();

        _sent.LastError("too_many_frames", retryable: true);
        Assert.Equal(CloseCode.TooManyFrames, _sent.Closed);
    }

    [Fact]
    public void A_binary_message_is_an_error()
    {
        Open();

        _session!.OnBinary();

        _sent.LastError("invalid_message");
        Assert.Null(_sent.Closed);
    }

    [Fact]
    public async Task Subscriptions_of_one_user_wait_their_turn_across_its_sockets_and_another_users_do_not()
    {
        _hub = new(o => (o.SubscriptionBurst, o.SubscriptionsPerSecond) = (3, 1));
        var sessions = _hub.Sessions();
        RecordedFrames one = new(), two = new(), other = new();
        await using var first = sessions.Open("c1", Someone(DateTimeOffset.MaxValue), one);
        await using var second = sessions.Open("c2", Someone(DateTimeOffset.MaxValue), two);
        await using var stranger = sessions.Open("c3", Someone(DateTimeOffset.MaxValue) with { UserId = Guid.NewGuid() }, other);

        Send(first, Guid.NewGuid());
        Send(first, Guid.NewGuid(), since: 0);
        Send(second, Guid.NewGuid());
        Send(stranger, Guid.NewGuid());

        Assert.Equal(2, one.Types.Count(t => t == "subscribed"));
        Assert.DoesNotContain("subscribed", two.Types);
        Assert.Contains("subscribed", other.Types);
        Pass(TimeSpan.FromSeconds(1));
        await Until.TrueAsync(() => two.Types.Contains("subscribed"), "its turn comes");
        Assert.DoesNotContain("error", two.Types);
    }

    [Fact]
    public async Task A_subscription_that_is_cancelled_while_it_waits_gives_its_turn_back()
    {
        _hub = new(o => (o.SubscriptionBurst, o.SubscriptionsPerSecond) = (1, 1));
        var sessions = _hub.Sessions();
        var frames = new RecordedFrames();
        await using var session = sessions.Open("c1", Someone(DateTimeOffset.MaxValue), frames);
        Send(session, Guid.NewGuid());

        for (var i = 0; i < 1000; i++)
        {
            var conversation = Guid.NewGuid();
            Send(session, conversation);
            session.OnText(Encoding.UTF8.GetBytes($$"""{"type":"unsubscribe","conversationId":"{{conversation}}"}"""));
        }
        await Until.TrueAsync(() => frames.Types.Count(t => t == "unsubscribed") == 1000, "every unsubscribe is answered");
        Send(session, FeedFixture.Conversation);
        Pass(TimeSpan.FromSeconds(1));

        await Until.TrueAsync(() => frames.Types.Count(t => t == "subscribed") == 2, "only what is kept is paid for");
    }

    [Fact]
    public void A_frame_when_too_big_closes_the_socket_for_good()
    {
        _hub = new(o => o.MaxInboundBytes = 1234);
        Open();

        _session!.OnTooBig();

        Assert.Contains("1234", _sent.LastError("too_big"), StringComparison.Ordinal);
        Assert.Equal(CloseCode.TooBig, _sent.Closed);
    }

    [Fact]
    public void Errors_when_nothing_is_asked_are_the_seeds_and_English_where_that_is_asked()
    {
        Open();
        Send("{");
        Assert.Equal("Mensagem inválida", _sent.LastError("invalid_message"));

        Open(language: Language.English);
        Send("{");
        Assert.Equal("Invalid message", _sent.LastError("invalid_message"));
    }

    [Fact]
    public async Task Session_when_disposed_returns_its_feeds_and_its_timer()
    {
        Open();
        Subscribe(FeedFixture.Conversation);

        await _session!.DisposeAsync();

        Assert.Equal(0, _hub.Bus.Subscriptions);
        Assert.Empty(_hub.Feeds.Snapshot());
        Pass(Lifetime * 2);
        Assert.Null(_sent.Closed);
    }

    /// <summary>What came after the greeting: types, and of statuses their numbers.</summary>
    private IEnumerable<string> Told() => _sent.All.Skip(1).Select(frame =>
        frame.GetProperty("type").GetString() is { } type && type != "message.status"
            ? type
            : frame.GetProperty("seq").GetInt64().ToString(CultureInfo.InvariantCulture));

    /// <summary>Time passes, and all sockets are looked after.</summary>
    private void Pass(TimeSpan time)
    {
        _hub.Time.Advance(time);
        _session?.CloseIfExpired();
    }

    private static ChatUser Someone(DateTimeOffset expiresAt) => new(User, FeedFixture.Organization, expiresAt);

    private void Open(
        TimeSpan? lifetime = null, Guid? organization = null, Language? language = null, string? tokenId = null)
    {
        using var factory = LoggerFactory.Create(b => b.AddProvider(_logs));
        var sessions = _hub.Sessions(_tokens, factory.CreateLogger<HubSession>());
        var until = _hub.Time.GetUtcNow() + (lifetime ?? Lifetime);
        var user = new ChatUser(User, organization ?? FeedFixture.Organization, until, tokenId);
        _session = language is { } chosen ? sessions.Open("c1", user, _sent, chosen) : sessions.Open("c1", user, _sent);
    }

    private static void Send(HubSession session, Guid conversation, long? since = null)
    {
        var start = since is { } seq ? $",\"since\":{seq}" : "";
        session.OnText(Encoding.UTF8.GetBytes($$"""{"type":"subscribe","conversationId":"{{conversation}}"{{start}}}"""));
    }

    private void Subscribe(Guid conversation) => Send($$"""{"type":"subscribe","conversationId":"{{conversation}}"}""");

    private void Unsubscribe(Guid conversation) => Send($$"""{"type":"unsubscribe","conversationId":"{{conversation}}"}""");

    private void Send(string json) => _session!.OnText(Encoding.UTF8.GetBytes(json));

    private sealed class Tokens : ITokenReader
    {
        public Func<string, ValueTask<ChatUser?>> Answer { get; set; } = _ => throw new NotSupportedException();

        public List<string> Read { get; } = [];

        public FrozenSet<string> Revoked { get; set; } = [];

        /// <summary>Of the last call.</summary>
        public CancellationToken Cancellation { get; private set; }

        public ValueTask<ChatUser?> ReadAsync(string token, CancellationToken cancellationToken)
        {
            Cancellation = cancellationToken;
            Read.Add(token);
            return Answer(token);
        }
    }
}
