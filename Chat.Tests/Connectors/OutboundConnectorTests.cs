using Chat.Connectors;
using Chat.Connectors.Callbacks;
using Chat.Connectors.Outbound;
using Chat.Connectors.Providers;
using Chat.Core.Channels;
using Chat.Core.Events;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.Core.Time;
using Chat.Tests.Telemetry;
using Chat.Tests.Time;
using Microsoft.Extensions.Logging.Abstractions;
using static Chat.Tests.Connectors.Samples;

namespace Chat.Tests.Connectors;

public sealed class OutboundConnectorTests : IDisposable
{
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly FakeLog _log = new();
    private readonly SettableClock _time = new(Start);
    private readonly Pump _pump = new();
    private readonly LedgerStore _ledger = new();
    private readonly TestMeters _meters = new();
    private readonly ConnectorsOptions _options = new();
    private CancellationTokenSource _running = new();

    public void Dispose()
    {
        Stop();
        _running.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public void A_message_becomes_SENT_DELIVERED_READ_each_at_its_time()
    {
        StartUp();
        Post(Message());
        Assert.Equal([StatusKind.Sent], Statuses().Select(s => s.Status));
        Pass(399);
        Assert.Equal([StatusKind.Sent], Statuses().Select(s => s.Status));
        Pass(1);
        Assert.Equal([StatusKind.Sent, StatusKind.Delivered], Statuses().Select(s => s.Status));
        Pass(799);
        Assert.Equal(2, Statuses().Count);
        Assert.Equal(0, _log.Committed);
        Pass(1);
        Assert.Equal([StatusKind.Sent, StatusKind.Delivered, StatusKind.Read], Statuses().Select(s => s.Status));
        Assert.Equal(1, _log.Committed);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_status_comes_when_it_is_due_whatever_the_wall_clock_is_set_to(int hours)
    {
        StartUp();
        Post(Message());

        _time.Off = TimeSpan.FromHours(hours);
        Pass(399);
        Assert.Equal([StatusKind.Sent], Statuses().Select(s => s.Status));
        Pass(1);

        Assert.Equal([StatusKind.Sent, StatusKind.Delivered], Statuses().Select(s => s.Status));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_message_that_was_handed_over_before_a_restart_waits_no_longer_than_it_would_have(int hours)
    {
        StartUp();
        Post(Message());
        Stop();

        _time.Off = TimeSpan.FromHours(hours);
        StartUp();
        Pass(1200);

        Assert.Equal(
            [StatusKind.Sent, StatusKind.Sent, StatusKind.Delivered, StatusKind.Read], Statuses().Select(s => s.Status));
    }

    [Fact]
    public void A_status_says_whose_it_is_and_lies_with_its_conversation_and_its_trace()
    {
        StartUp();
        var message = Message();
        Post(message);

        var source = Assert.Single(_log.Events(Topics.Status));
        Assert.Equal(message.ConversationId.ToString("D"), source.Key);
        Assert.Equal(TraceParent, source.Header(HeaderNames.TraceParent));
        Assert.Equal(
            new StatusEvent(message.MessageId, message.ConversationId, message.OrganizationId, "whatsapp", StatusKind.Sent, Start),
            StatusEventJson.TryRead(source.Value.Span, out _));
    }

    [Fact]
    public void A_thousand_messages_take_no_longer_than_one_and_few_appends()
    {
        StartUp();
        Post([.. Enumerable.Range(0, 1000).Select(_ => Message())]);
        Pass(400);
        Pass(800);

        Assert.Equal(3000, Statuses().Count);
        Assert.Equal(1000, _log.Committed);
        // The post itself, and one append for each of the three times.
        Assert.Equal([1000, 1000, 1000, 1000], _log.Appends);
    }

    [Fact]
    public void No_more_than_the_configured_number_is_on_its_way()
    {
        _options.MaxInFlight = 10;
        StartUp();
        Post([.. Enumerable.Range(0, 25).Select(_ => Message())]);
        Assert.Equal(10, Statuses().Count);
        Pass(400);
        Pass(800);
        Assert.Equal(20, Statuses().Select(s => s.MessageId).Distinct().Count());
        Pass(400);
        Pass(800);
        Pass(400);
        Pass(800);
        Assert.Equal(75, Statuses().Count);
        Assert.Equal(25, _log.Committed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(399)]
    [InlineData(400)]
    [InlineData(1199)]
    public void A_crash_between_two_statuses_loses_none_and_repeats_them_with_the_same_times(int crashAfter)
    {
        StartUp();
        var message = Message();
        Post(message);
        Pass(crashAfter);
        var before = Statuses();
        Stop();
        _time.Advance(TimeSpan.FromMinutes(10));
        StartUp();

        var after = Statuses().Skip(before.Count).ToList();
        Assert.Equal(before, after.Take(before.Count));
        Assert.Equal([Start, Start.AddMilliseconds(400), Start.AddMilliseconds(1200)], after.Select(s => s.Timestamp!.Value));
        Assert.Equal(1, _log.Committed);
    }

    [Fact]
    public void What_was_committed_is_not_reported_again()
    {
        StartUp();
        Post(Message());
        Pass(400);
        Pass(800);
        Stop();
        StartUp();
        Pass(5000);
        Assert.Equal(3, Statuses().Count);
    }

    [Fact]
    public void A_message_that_the_router_wrote_twice_has_one_time_for_each_status()
    {
        StartUp();
        var message = Message();
        Post(message, message);
        Pass(100);
        Post(message);
        Pass(300);
        Pass(800);
        Assert.Equal(9, Statuses().Count);
        Assert.Equal(3, Statuses().Distinct().Count());
    }

    [Fact]
    public void While_the_log_fails_nothing_is_lost_and_nothing_is_committed()
    {
        StartUp();
        Post(Message());
        _log.FailAppends = 3;
        Pass(400);
        Pass(800);
        Assert.Single(Statuses());
        Assert.Equal(0, _log.Committed);
        for (var i = 0; i < 20; i++) Pass(100);
        Assert.Equal([StatusKind.Sent, StatusKind.Delivered, StatusKind.Read], Statuses().Select(s => s.Status));
        Assert.Equal(1, _log.Committed);
    }

    [Fact]
    public void While_the_ledger_fails_nothing_is_handed_over()
    {
        _ledger.Failures = 2;
        StartUp();
        Post(Message());
        Assert.Empty(Statuses());
        for (var i = 0; i < 20; i++) Pass(100);
        Assert.Equal(3, Statuses().Count);
    }

    [Fact]
    public void What_cannot_be_read_is_put_aside_with_its_reason_and_the_rest_goes_on()
    {
        StartUp();
        _pump.Run(() => _log.AppendAsync(
            [
                new(Topics.Outbound("whatsapp"), "k", "{"u8.ToArray()),
                new(Topics.Outbound("whatsapp"), "k", MessageEventJson.Write(Message("instagram"))),
                new(Topics.Outbound("whatsapp"), "k", MessageEventJson.Write(Message())),
            ],
            default).AsTask());
        Pass(400);
        Pass(800);

        var dead = _log.Events(Topics.DeadLetter(Topics.Outbound("whatsapp")));
        Assert.Equal(["0", "1"], dead.Select(d => d.Header(HeaderNames.DeadLetterOffset)));
        Assert.Equal(2, _meters["chat.dead_letters msg.out.whatsapp"]);
        Assert.StartsWith("not a message", dead[0].Header(HeaderNames.DeadLetterReason), StringComparison.Ordinal);
        Assert.Equal("channel: 'instagram' is not 'whatsapp'", dead[1].Header(HeaderNames.DeadLetterReason));
        Assert.Equal(3, Statuses().Count);
        Assert.Equal(3, _log.Committed);
    }

    [Fact]
    public void A_failed_message_is_committed_like_any_other_and_says_why()
    {
        _options.Channels["whatsapp"] = new() { FailureShare = 1, FailureReasons = ["blocked"] };
        StartUp();
        Post(Message());
        Pass(400);
        Assert.Equal([null, "blocked"], Statuses().Select(s => s.Reason));
        Assert.Equal(1, _log.Committed);
    }

    [Fact]
    public void Callbacks_that_nobody_takes_hold_up_nothing()
    {
        _options.CallbackQueue = 1;
        StartUp();
        Post([.. Enumerable.Range(0, 100).Select(_ => Message())]);
        Pass(400);
        Pass(800);
        Assert.Equal(300, Statuses().Count);
        Assert.Equal(100, _log.Committed);
    }

    [Fact]
    public void A_message_that_the_ledger_refuses_gets_a_pointer_and_the_others_go_on()
    {
        Message[] messages = [.. Enumerable.Range(0, 20).Select(_ => Message())];
        _ledger.Refused.Add(messages[3].MessageId);
        _ledger.Refused.Add(messages[19].MessageId);
        StartUp();
        Post(messages);
        Pass(400);
        Pass(800);

        Assert.Equal(["0/3", "0/19"], Pointers().Select(p => p.Key));
        Assert.Equal(2, _meters["chat.dead_letters msg.out.whatsapp"]);
        Assert.Equal(18 * 3, Statuses().Count);
        Assert.Equal(20, _log.Committed);
    }

    [Fact]
    public void A_status_and_a_dead_letter_that_the_log_refuses_get_pointers_and_hold_up_nothing()
    {
        Message[] messages = [.. Enumerable.Range(0, 5).Select(_ => Message())];
        _log.Refuses = e => e.Topic == Topics.Status
            ? StatusEventJson.TryRead(e.Value.Span, out _) is { Status: StatusKind.Delivered } s && s.MessageId == messages[1].MessageId
            : Topics.IsDeadLetter(e.Topic) && e.Headers!.All(h => h.Name != HeaderNames.DeadLetterPointer);
        StartUp();
        Post(messages);
        _pump.Run(() => _log.AppendAsync([new(Topics.Outbound("whatsapp"), "k", "{"u8.ToArray())], default).AsTask());
        Pass(400);
        Pass(800);

        Assert.Equal(["0/5", "0/1"], Pointers().Select(p => p.Key));
        Assert.Equal(14, Statuses().Count);
        Assert.Equal(6, _log.Committed);
    }

    [Fact]
    public void A_message_on_which_our_own_code_throws_is_tried_three_times_and_holds_up_nothing()
    {
        Message[] messages = [.. Enumerable.Range(0, 5).Select(_ => Message())];
        _ledger.LeftOut.Add(messages[2].MessageId);
        StartUp();
        Post(messages);
        for (var i = 0; i < RefusedEvents.Tries; i++) Pass(1000);
        Pass(800);

        Assert.Equal(["0/2"], Pointers().Select(p => p.Key));
        Assert.Equal(12, Statuses().Count);
        Assert.Equal(5, _log.Committed);
    }

    private IEnumerable<LogEvent> Pointers() =>
        _log.Events(Topics.DeadLetter(Topics.Outbound("whatsapp"))).Where(e => DeadLetterPointer.TryRead(e) is not null);

    private void StartUp()
    {
        _running = new();
        var metrics = new ConnectorMetrics(_meters, new(_meters));
        var retry = new RetryForever(_time);
        var connector = new OutboundConnector(
            new SimulatedProvider(ChannelCatalog.Default, _options.Channels["whatsapp"], NullLogger<SimulatedProvider>.Instance),
            _log,
            _ledger,
            new StatusCallbacks(_options, metrics, _time, NullLogger<StatusCallbacks>.Instance),
            new RefusedEvents(_log, retry, new(_meters), _time, NullLogger<RefusedEvents>.Instance),
            retry,
            _options,
            metrics,
            _time,
            NullLogger<OutboundConnector>.Instance);
        _pump.Run(() => connector.RunAsync(_running.Token));
    }

    private void Stop() => _pump.Run(() => _running.Cancel());

    private void Pass(int milliseconds) => _pump.Run(() => _time.Advance(TimeSpan.FromMilliseconds(milliseconds)));

    private void Post(params Message[] messages) => _pump.Run(() => _log.AppendAsync(
        [
            .. messages.Select(m => new NewEvent(
                Topics.Outbound(m.Channel),
                m.ConversationId.ToString("D"),
                MessageEventJson.Write(m),
                [new(HeaderNames.TraceParent, TraceParent)])),
        ],
        default).AsTask());

    private List<StatusEvent> Statuses() =>
        [.. _log.Events(Topics.Status).Select(e => StatusEventJson.TryRead(e.Value.Span, out _) ?? throw new InvalidOperationException())];
}
