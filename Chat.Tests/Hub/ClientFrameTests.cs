using System.Text;
using Chat.Api.Hub.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace Chat.Tests.Hub;

public sealed class ClientFrameTests
{
    private static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");

    private static ClientFrame Read(string json) => ClientFrame.Read(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void The_protocols_frames_are_read()
    {
        Assert.Equal(new ClientFrame.Subscribe(Conversation, null), Read($$"""{"type":"subscribe","conversationId":"{{Conversation}}"}"""));
        var upper = Conversation.ToString().ToUpperInvariant();
        Assert.Equal(
            new ClientFrame.Subscribe(Conversation, 42), Read($$"""{"since":42,"conversationId":"{{upper}}","type":"subscribe"}"""));
        Assert.Equal(
            new ClientFrame.Unsubscribe(Conversation),
            Read($$"""{"type":"unsubscribe","more":{"a":[1]},"conversationId":"{{Conversation}}"}"""));
        Assert.Equal(new ClientFrame.Ping(), Read("""{"type":"ping"}"""));
        Assert.Equal(new ClientFrame.Auth("abc"), Read("""{"type":"auth","token":"abc"}"""));
    }

    [Theory]
    [InlineData("null", WatchedEvents.Status)]
    [InlineData("[\"status\"]", WatchedEvents.Status)]
    [InlineData("[\"message\"]", WatchedEvents.Message)]
    [InlineData("[\"message\",\"status\",\"status\"]", WatchedEvents.Status | WatchedEvents.Message)]
    public void A_subscription_says_which_frames_it_wants(string events, WatchedEvents expected) => Assert.Equal(
        new ClientFrame.Subscribe(Conversation, null, expected),
        Read($$"""{"type":"subscribe","events":{{events}},"conversationId":"{{Conversation}}"}"""));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"ping\"")]
    [InlineData("{}")]
    [InlineData("{\"type\":7}")]
    [InlineData("{\"type\":\"ping\"}{")]
    [InlineData("{\"type\":\"dance\"}")]
    public void What_is_no_frame_of_the_protocol_gets_the_seeds_words(string json)
    {
        var bad = Assert.IsType<ClientFrame.Bad>(Read(json));
        Assert.Equal(ErrorCode.InvalidMessage, bad.Code);
        Assert.StartsWith("Mensagem inválida", bad.Text.Portuguese, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"type\":\"subscribe\"}", "conversationId")]
    [InlineData("{\"type\":\"unsubscribe\",\"conversationId\":\"1\"}", "conversationId")]
    [InlineData("{\"type\":\"subscribe\",\"conversationId\":5}", "conversationId")]
    [InlineData("{\"type\":\"subscribe\",\"conversationId\":\"123e4567-e89b-12d3-a456-426614174000\",\"since\":-1}", "since")]
    [InlineData("{\"type\":\"subscribe\",\"conversationId\":\"123e4567-e89b-12d3-a456-426614174000\",\"since\":\"1\"}", "since")]
    [InlineData("{\"type\":\"subscribe\",\"conversationId\":\"123e4567-e89b-12d3-a456-426614174000\",\"since\":9007199254740992}", "since")]
    [InlineData("{\"type\":\"subscribe\",\"conversationId\":\"123e4567-e89b-12d3-a456-426614174000\",\"events\":[\"typing\"]}", "events")]
    [InlineData("{\"type\":\"subscribe\",\"conversationId\":\"123e4567-e89b-12d3-a456-426614174000\",\"events\":\"message\"}", "events")]
    [InlineData("{\"type\":\"subscribe\",\"conversationId\":\"123e4567-e89b-12d3-a456-426614174000\",\"events\":[{}]}", "events")]
    [InlineData("{\"type\":\"subscribe\",\"conversationId\":\"123e4567-e89b-12d3-a456-426614174000\",\"events\":[]}", "events")]
    [InlineData("{\"type\":\"auth\"}", "token")]
    [InlineData("{\"type\":\"shown\"}", "items")]
    public void A_member_that_can_not_be_used_is_named(string json, string field)
    {
        var bad = Assert.IsType<ClientFrame.Bad>(Read(json));
        Assert.Equal(ErrorCode.InvalidField, bad.Code);
        Assert.StartsWith(field, bad.Text.Portuguese, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_shown_is_read_with_a_trace_where_there_is_one()
    {
        const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var message = Guid.NewGuid();
        const string When = "2026-11-29T21:00:00.123Z";
        var item = $$"""{"conversationId":"{{Conversation}}","messageId":"{{message}}","timestamp":"{{When}}","ago":250.5""";
        var status = new ShownStatus(
            Conversation, message, new(2026, 11, 29, 21, 0, 0, 123, TimeSpan.Zero), TimeSpan.FromMilliseconds(250.5), null);

        var shown = Assert.IsType<ClientFrame.Shown>(Read(
            $$"""{"items":[{{item}},"traceparent":"{{Trace}}","more":[{}]},{{item}},"traceparent":"00-1"},{{item}}}],"type":"shown"}"""));

        Assert.Equal([status with { TraceParent = Trace }, status, status], shown.Statuses);
        // Of other frames it is a member that nobody knows.
        Assert.IsType<ClientFrame.Ping>(Read("""{"type":"ping","items":[1,{"a":2}]}"""));
    }

    public static TheoryData<string> BadItems
    {
        get
        {
            const string Id = "123e4567-e89b-12d3-a456-426614174000";
            const string Good = $$"""{"conversationId":"{{Id}}","messageId":"{{Id}}","timestamp":"2026-11-29T21:00:00Z","ago":0}""";
            return
            [
                "null", "1", "\"x\"", "{}", "[]", "[null]", "[[]]", "[1]", "[{}]",
                .. new[]
                {
                    ($"\"conversationId\":\"{Id}\"", "\"conversationId\":\"1\""),
                    ($"\"conversationId\":\"{Id}\"", $"\"conversationId\":\"{Guid.Empty}\""),
                    ($"\"messageId\":\"{Id}\",", ""),
                    ($"\"messageId\":\"{Id}\"", "\"messageId\":[]"),
                    ("\"2026-11-29T21:00:00Z\"", "\"yesterday\""),
                    ("\"2026-11-29T21:00:00Z\"", "1764450000"),
                    ("\"2026-11-29T21:00:00Z\"", "\"99999-01-01T00:00:00Z\""),
                    (",\"ago\":0", ""),
                    ("\"ago\":0", "\"ago\":-1"),
                    ("\"ago\":0", "\"ago\":60001"),
                    ("\"ago\":0", "\"ago\":1e308"),
                    ("\"ago\":0", "\"ago\":1e999"),
                    ("\"ago\":0", "\"ago\":\"0\""),
                }.Select(change => $"[{Good},{Good.Replace(change.Item1, change.Item2, StringComparison.Ordinal)}]"),
                $"[{string.Join(',', Enumerable.Repeat(Good, ShownStatus.Most + 1))}]",
            ];
        }
    }

    [Theory]
    [MemberData(nameof(BadItems))]
    public void Of_what_is_shown_all_must_be_usable(string items)
    {
        var bad = Assert.IsType<ClientFrame.Bad>(Read($$"""{"type":"shown","items":{{items}}}"""));

        Assert.Equal(ErrorCode.InvalidField, bad.Code);
        Assert.StartsWith("items", bad.Text.English, StringComparison.Ordinal);
        Assert.IsType<ClientFrame.Ping>(Read($$"""{"items":{{items}},"type":"ping"}"""));
    }

    [Fact]
    public void No_bytes_at_all_throw() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(
            Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf().ToArbitrary(), bytes => ClientFrame.Read(bytes) is not null));

    [Fact]
    public void A_token_is_in_no_text() =>
        Assert.DoesNotContain("abc", Read("""{"type":"auth","token":"abc"}""").ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData(5)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public async Task An_outgoing_frame_is_one_that_the_frameworks_client_reads(int length)
    {
        var payload = Encoding.UTF8.GetBytes(new string('x', length));
        var frame = OutgoingFrame.Text(payload);
        Assert.Equal(payload, frame.Payload.ToArray());
        var socket = System.Net.WebSockets.WebSocket.CreateFromStream(
            new MemoryStream(frame.Wire.ToArray()), new System.Net.WebSockets.WebSocketCreationOptions { IsServer = false });
        var buffer = new byte[length + 1];
        var read = 0;
        System.Net.WebSockets.ValueWebSocketReceiveResult result;
        do
        {
            result = await socket.ReceiveAsync(buffer.AsMemory(read), TestContext.Current.CancellationToken);
            read += result.Count;
        }
        while (!result.EndOfMessage);
        Assert.Equal((length, System.Net.WebSockets.WebSocketMessageType.Text), (read, result.MessageType));
    }
}
