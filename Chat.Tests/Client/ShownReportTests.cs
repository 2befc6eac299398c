using System.Text.Json;
using Chat.Client;
using Chat.Client.Protocol;
using static Chat.Tests.Client.ProtocolRig;

namespace Chat.Tests.Client;

/// <summary>What the .NET client tells the server of what was shown. The JavaScript client's rules, in ClientResumeTests.</summary>
public sealed class ShownReportTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static readonly Guid Other = Guid.Parse("01900000-0000-7000-8000-000000000002");
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ProtocolRig _rig = new(options: new() { ReportShown = true, PingInterval = TimeSpan.FromHours(1) });

    [Fact]
    public void It_says_what_was_shown_and_not_what_it_caught_up_on()
    {
        Watch(since: 50); // up to 100 it catches up
        Show(99, Other);
        Show(101, traceParent: Trace);
        Show(101, traceParent: Trace); // again: nothing new is shown
        _rig.Advance(Second / 4);
        Show(102, Other, MessageStatus.Read);
        Assert.Empty(_rig.Sent);
        _rig.Advance(Second * 5);

        var items = ItemsOf(Assert.Single(_rig.Sent));
        Assert.Equal([(Message, Trace, 1000), (Other, null, 750)], items.Select(i => (
            i.GetProperty("messageId").GetGuid(),
            i.TryGetProperty("traceparent", out var trace) ? trace.GetString() : null,
            i.GetProperty("ago").GetInt32())));
        Assert.All(items, i => Assert.Equal(
            (Conversation, "2025-01-15T10:30:00.123Z"),
            (i.GetProperty("conversationId").GetGuid(), i.GetProperty("timestamp").GetString())));
    }

    [Fact]
    public void What_came_while_it_was_away_is_not_reported()
    {
        Watch();
        _rig.Reconnect();
        _rig.Forget();
        _rig.Answer(102, recovered: true);
        Show(101);
        Show(102, status: MessageStatus.Read);
        _rig.Advance(Second * 5);

        Assert.Empty(_rig.Sent);
    }

    [Fact]
    public void A_frame_has_fifty_at_most_and_what_comes_later_goes_with_the_next()
    {
        Watch();
        for (var i = 1; i <= 120; i++) Show(100 + i, new Guid(i, 0, 0, new byte[8]));
        _rig.Advance(Second);
        Assert.Equal(50, ItemsOf(Assert.Single(_rig.Sent)).Count);

        Show(300);
        _rig.Advance(Second);
        Assert.Single(ItemsOf(_rig.Sent.Last()));
    }

    [Fact]
    public void Nothing_is_reported_unasked_nor_while_nobody_looks()
    {
        var options = new ClientProtocolOptions();
        var rig = new ProtocolRig(options: options);
        Watch(rig);
        Show(rig, 101);
        rig.Advance(Second * 2);
        Assert.Empty(rig.Sent);

        options.ReportShown = true;
        Show(rig, 102, status: MessageStatus.Delivered);
        options.ReportShown = false;
        Show(rig, 103, status: MessageStatus.Read);
        rig.Advance(Second * 2);
        Assert.Single(ItemsOf(Assert.Single(rig.Sent)));
    }

    [Fact]
    public void What_a_lost_connection_was_to_report_is_forgotten()
    {
        Watch();
        Show(101);
        _rig.Reconnect();
        _rig.Answer(101, recovered: true);
        _rig.Forget();
        Show(102, Other);
        _rig.Advance(Second * 5);

        Assert.Equal(Other, Assert.Single(ItemsOf(Assert.Single(_rig.Sent))).GetProperty("messageId").GetGuid());
    }

    [Fact]
    public void What_was_shown_more_than_a_minute_ago_is_not_reported()
    {
        Watch();
        Show(101);
        _rig.StandStill(TimeSpan.FromSeconds(61));
        Assert.Empty(_rig.Sent);

        Show(102, Other);
        _rig.StandStill(TimeSpan.FromSeconds(60));
        Assert.Equal(60_000, Assert.Single(ItemsOf(Assert.Single(_rig.Sent))).GetProperty("ago").GetInt32());
    }

    private static List<JsonElement> ItemsOf(string frame)
    {
        var json = JsonElement.Parse(frame);
        Assert.Equal("shown", json.GetProperty("type").GetString());
        return [.. json.GetProperty("items").EnumerateArray()];
    }

    private void Show(
        long seq, Guid? message = null, MessageStatus status = MessageStatus.Sent, string? traceParent = null) =>
        Show(_rig, seq, message, status, traceParent);

    private static void Show(
        ProtocolRig rig, long seq, Guid? message = null, MessageStatus status = MessageStatus.Sent, string? traceParent = null) =>
        rig.Receive(new()
        {
            Type = ServerFrameType.MessageStatus,
            ConversationId = Conversation,
            MessageId = message ?? Message,
            Status = status,
            Channel = "whatsapp",
            Timestamp = ServerTime.AddMilliseconds(123),
            Seq = seq,
            TraceParent = traceParent,
        });

    private void Watch(long? since = null) => Watch(_rig, since);

    private static void Watch(ProtocolRig rig, long? since = null)
    {
        rig.Open();
        rig.Subscribe(since);
        rig.Answer(100, recovered: since is null ? null : true);
        rig.Forget();
    }
}
