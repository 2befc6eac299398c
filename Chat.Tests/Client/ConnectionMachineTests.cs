using Chat.Client;
using Chat.Client.Protocol;
using static Chat.Tests.Client.ProtocolRig;

namespace Chat.Tests.Client;

/// <summary>How the .NET client connects, comes back, and when it stops.</summary>
public sealed class ConnectionMachineTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ProtocolRig _rig = new();

    [Fact]
    public void What_was_subscribed_before_the_connection_stood_is_sent_once_it_stands()
    {
        _rig.Subscribe();
        Assert.Empty(_rig.Sent);

        _rig.Open();

        Assert.Equal([$$"""{"type":"subscribe","conversationId":"{{Conversation}}"}"""], _rig.Sent);
        Assert.Equal([ConnectionState.Connecting, ConnectionState.Open], _rig.Raised<ConnectionChange>().Select(c => c.State));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1001)]
    [InlineData(1011)]
    [InlineData(4000)]
    [InlineData(4401)]
    [InlineData(4499)]
    [InlineData(5000)]
    public void A_close_code_outside_4500_to_4999_is_followed_by_a_new_connection(int? code)
    {
        _rig.Open();
        _rig.Break(code);

        Assert.Equal((ConnectionState.Reconnecting, code ?? 1006), (_rig.LastChange.State, _rig.LastChange.Code));
        _rig.PassDelay();
        _rig.FinishOpening();

        Assert.Equal(ConnectionState.Open, _rig.Protocol.State);
    }

    [Theory]
    [InlineData(4500)]
    [InlineData(4509)]
    [InlineData(4999)]
    public void A_close_code_from_4500_to_4999_ends_the_trying(int code)
    {
        _rig.Open();
        _rig.Break(code);

        Assert.Equal((ConnectionState.Closed, (int?)code), (_rig.LastChange.State, _rig.LastChange.Code));
        Assert.Null(_rig.Protocol.NextDue);
    }

    [Fact]
    public void After_the_server_said_no_connect_tries_once_more()
    {
        _rig.Open();
        _rig.Break(4509);
        _rig.Open();

        Assert.Equal(ConnectionState.Open, _rig.Protocol.State);
    }

    [Fact]
    public void Delays_double_up_to_thirty_seconds_with_full_jitter()
    {
        _rig.Connect();
        var delays = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            _rig.GiveToken();
            _rig.Refuse(503);
            delays.Add(_rig.PassDelay().TotalMilliseconds);
        }

        Assert.Equal([250, 500, 1000, 2000, 4000, 8000, 15000, 15000], delays);
    }

    [Fact]
    public void A_connection_that_lasted_starts_the_delays_anew_and_a_short_one_does_not()
    {
        _rig.Open();
        var delays = new List<double>();
        foreach (var lasts in new[] { 0, 0, 6 })
        {
            _rig.Advance(lasts * Second);
            _rig.Break();
            delays.Add(_rig.PassDelay().TotalMilliseconds);
            _rig.FinishOpening();
        }

        Assert.Equal([250, 500, 250], delays);
    }

    [Fact]
    public void Connect_while_it_waits_tries_at_once()
    {
        _rig.Open();
        _rig.Break();
        _rig.Forget();

        _rig.Connect();

        Assert.Equal(1, _rig.Count<ClientEffect.FetchToken>());
    }

    [Fact]
    public void An_attempt_that_is_not_answered_within_fifteen_seconds_is_given_up()
    {
        _rig.Connect();
        _rig.GiveToken();
        _rig.Advance(14 * Second);
        Assert.Equal(ConnectionState.Connecting, _rig.Protocol.State);
        _rig.Advance(Second);

        Assert.Equal(ConnectionState.Reconnecting, _rig.Protocol.State);
        Assert.Equal(1, _rig.Count<ClientEffect.EndAttempt>());
        Assert.False(_rig.Protocol.Opened(_rig.Attempt, _rig.Now));
    }

    [Fact]
    public void A_ping_goes_out_every_thirty_seconds_and_any_frame_is_an_answer()
    {
        _rig.Open();
        for (var i = 0; i < 4; i++)
        {
            _rig.Advance(30 * Second);
            _rig.Receive(new() { Type = ServerFrameType.Unknown });
        }

        Assert.Equal(4, _rig.Sent.Count(f => f == ClientFrames.Ping));
        Assert.Equal(ConnectionState.Open, _rig.Protocol.State);
    }

    [Fact]
    public void A_peer_that_answers_no_ping_within_ten_seconds_is_taken_for_dead()
    {
        _rig.Open();
        _rig.Advance(39 * Second);
        Assert.Equal(ConnectionState.Open, _rig.Protocol.State);
        _rig.Advance(Second);

        Assert.Equal((ConnectionState.Reconnecting, "no answer to a ping"), (_rig.LastChange.State, _rig.LastChange.Reason));
    }

    [Fact]
    public void A_pong_that_waits_while_the_process_stands_still_is_not_taken_for_missing()
    {
        _rig.Open();
        _rig.Advance(30 * Second);
        _rig.StandStill(25 * Second);
        Assert.Equal(ConnectionState.Open, _rig.Protocol.State);

        _rig.Receive(new() { Type = ServerFrameType.Pong });
        _rig.Advance(14 * Second);

        Assert.Equal(ConnectionState.Open, _rig.Protocol.State);
    }

    [Fact]
    public void A_peer_that_is_still_silent_after_the_process_stood_still_is_taken_for_dead()
    {
        _rig.Open();
        _rig.Advance(30 * Second);
        _rig.StandStill(25 * Second);
        Assert.Equal(2, _rig.Sent.Count(f => f == ClientFrames.Ping));

        _rig.Advance(10 * Second);

        Assert.Equal(ConnectionState.Reconnecting, _rig.Protocol.State);
    }

    [Fact]
    public void A_single_token_that_is_refused_ends_the_trying()
    {
        _rig.Connect();
        _rig.GiveToken();
        _rig.Refuse(401);

        var change = _rig.LastChange;
        Assert.Equal((ConnectionState.Closed, (int?)401, "unauthorized"), (change.State, change.Code, change.Reason));
    }

    [Fact]
    public void Fresh_tokens_may_be_refused_for_a_minute_however_often_they_are()
    {
        var rig = new ProtocolRig(tokenIsRenewable: true);
        rig.Connect();
        var start = rig.Now;
        for (var i = 0; i < 20; i++)
        {
            rig.GiveToken("a stale token");
            rig.Refuse(401);
            rig.Connect(); // as at a wake-up: at once
        }
        Assert.Equal(ConnectionState.Reconnecting, rig.Protocol.State);

        while (rig.Protocol.State != ConnectionState.Closed)
        {
            rig.GiveToken("a stale token");
            rig.Refuse(401);
            if (rig.Protocol.State != ConnectionState.Closed) rig.PassDelay();
        }

        Assert.InRange(rig.Now - start, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90));
    }

    [Fact]
    public void A_night_asleep_does_not_count_as_a_night_of_refusals()
    {
        var rig = new ProtocolRig(tokenIsRenewable: true);
        rig.Connect();
        rig.GiveToken("stale");
        rig.Refuse(401);
        rig.StandStill(TimeSpan.FromHours(8));
        rig.GiveToken("still stale");
        rig.Refuse(401);

        Assert.Equal(ConnectionState.Reconnecting, rig.Protocol.State);
        rig.PassDelay();
        rig.FinishOpening("fresh");
        Assert.Equal(ConnectionState.Open, rig.Protocol.State);
    }

    [Fact]
    public void A_user_with_too_many_connections_is_told_so_and_waits_as_long_as_the_server_asks()
    {
        _rig.Connect();
        _rig.GiveToken();
        _rig.Refuse(429, retryAfter: 5 * Second);

        var error = Assert.Single(_rig.Raised<ClientError>());
        Assert.Equal(("too_many_connections", true), (error.Code, error.Retryable));
        Assert.Equal((429, TimeSpan.FromMilliseconds(5250)), (_rig.LastChange.Code, _rig.LastChange.Delay));
    }

    [Fact]
    public void Retry_After_is_waited_for_no_longer_than_five_minutes()
    {
        _rig.Connect();
        _rig.GiveToken();
        _rig.Refuse(503, retryAfter: TimeSpan.FromDays(365));

        Assert.Equal(TimeSpan.FromMilliseconds(300_250), _rig.LastChange.Delay);
    }

    [Fact]
    public void A_token_that_cannot_be_had_is_asked_for_again_later()
    {
        _rig.Connect();
        _rig.Do(p => p.TokenFailed(_rig.Attempt, "signed out", _rig.Now));
        Assert.Equal("token", Assert.Single(_rig.Raised<ClientError>()).Code);

        _rig.PassDelay();

        Assert.Equal(2, _rig.Count<ClientEffect.FetchToken>());
    }

    [Fact]
    public void A_fresh_token_is_sent_on_the_live_socket_before_the_old_one_ends_by_the_servers_clock()
    {
        var rig = new ProtocolRig(tokenIsRenewable: true);
        rig.Open("first", ServerTime.AddMinutes(10));
        Pass(rig, 17); // a minute and a half is left
        Assert.Equal(1, rig.Count<ClientEffect.FetchToken>());
        Pass(rig, 1);
        Assert.Equal(2, rig.Count<ClientEffect.FetchToken>());

        rig.GiveToken("second", ServerTime.AddMinutes(20));

        Assert.Contains("""{"type":"auth","token":"second"}""", rig.Sent);
        rig.Forget();
        Pass(rig, 19);
        Assert.Equal(0, rig.Count<ClientEffect.FetchToken>());
        Pass(rig, 1);
        Assert.Equal(1, rig.Count<ClientEffect.FetchToken>());
        Assert.Equal(ConnectionState.Open, rig.Protocol.State);
    }

    [Fact]
    public void A_token_that_is_the_same_as_before_is_not_sent_and_asked_for_again()
    {
        var rig = new ProtocolRig(tokenIsRenewable: true);
        rig.Open("first", ServerTime.AddMinutes(1));
        rig.Advance(30 * Second);
        rig.Receive(new() { Type = ServerFrameType.Pong });
        rig.Advance(18 * Second);
        rig.GiveToken("first");
        rig.Advance(5 * Second);

        Assert.DoesNotContain(rig.Sent, f => f.Contains("auth", StringComparison.Ordinal));
        Assert.Equal(3, rig.Count<ClientEffect.FetchToken>());
    }

    [Fact]
    public void A_single_token_is_never_asked_for_on_a_live_socket()
    {
        _rig.Open(expiresAt: ServerTime.AddMinutes(1));
        Pass(_rig, 10);

        Assert.Equal(1, _rig.Count<ClientEffect.FetchToken>());
    }

    [Fact]
    public void Disconnect_closes_for_good()
    {
        _rig.Open();
        _rig.Do(p => p.Disconnect());

        Assert.Equal((ConnectionState.Closed, (int?)1000), (_rig.LastChange.State, _rig.LastChange.Code));
        Assert.Null(_rig.Protocol.NextDue);
    }

    [Fact]
    public void News_of_an_attempt_that_was_given_up_change_nothing()
    {
        _rig.Open();
        var old = _rig.Attempt;
        _rig.Reconnect();
        _rig.Do(p => p.Closed(old, 4509, null, _rig.Now));
        _rig.Do(p => p.TokenFetched(old, "another", null, _rig.Now));
        _rig.Do(p => p.ConnectFailed(old, 401, null, null, _rig.Now));

        Assert.Equal(ConnectionState.Open, _rig.Protocol.State);
    }

    [Fact]
    public void No_token_is_in_what_an_effect_says_of_itself()
    {
        ClientEffect[] effects =
            [new ClientEffect.OpenSocket(1, "secret"), new ClientEffect.SendFrame(ClientFrames.Auth("secret"))];

        Assert.All(effects, e => Assert.DoesNotContain("secret", $"{e}", StringComparison.Ordinal));
    }

    /// <summary>Half minutes with a server that answers pings, and whose clock goes on as this one's.</summary>
    private static void Pass(ProtocolRig rig, int halfMinutes)
    {
        for (var i = 0; i < halfMinutes; i++)
        {
            rig.Advance(30 * Second);
            rig.Receive(new() { Type = ServerFrameType.Pong });
        }
    }
}
