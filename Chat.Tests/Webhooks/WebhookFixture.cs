using System.Text;
using Chat.Connectors.Webhooks;
using Chat.Core.Accounts;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Time;
using Chat.Core.Webhooks;
using Chat.Tests.Connectors;
using Chat.Tests.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Webhooks;

/// <summary>A processor of webhooks on a store in memory, with one account of each channel.</summary>
internal sealed class WebhookFixture : IDisposable
{
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_790_000_100);

    public static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");

    private readonly FakeTimeProvider _time = new(Now);
    private readonly ILoggerFactory _loggers;
    private readonly Dictionary<string, int> _offsets = [];

    /// <param name="accounts">Those that count, in place of <see cref="Accounts"/>.</param>
    public WebhookFixture(IAccounts? accounts = null)
    {
        Accounts.All.AddRange(
        [
            FakeAccounts.New(Organization, businessId: "W1"), FakeAccounts.New(Organization, "178", "instagram"),
        ]);
        _loggers = LoggerFactory.Create(b => b.AddProvider(new FakeLoggerProvider(Lines)));
        var released = new ReleasedStatuses(Log, new(Meters), _loggers.CreateLogger<ReleasedStatuses>());
        var retry = new RetryForever(_time);
        Processor = new(
            Log,
            accounts ?? Accounts,
            new(Store, Store, Store, Store, new(Store, Store)),
            new(Store, Store, _time),
            new(Store, Store, released),
            new(Log, retry, new(Meters), _time, _loggers.CreateLogger<RefusedEvents>()),
            retry,
            new(Meters, new(Meters)),
            _loggers.CreateLogger<WebhookProcessor>());
    }

    public FakeLog Log { get; } = new();

    public MemoryStore Store { get; } = new();

    public FakeAccounts Accounts { get; } = new();

    public TestMeters Meters { get; } = new();

    public FakeLogCollector Lines { get; } = new();

    public WebhookProcessor Processor { get; }

    /// <summary>The messages that came in.</summary>
    public IReadOnlyList<Message> Inbound(string channel = "whatsapp") =>
        [.. Log.Events(Topics.Inbound(channel)).Select(e => MessageEventJson.TryRead(e.Value.Span, out _)!)];

    public IReadOnlyList<StatusEvent> Statuses =>
        [.. Log.Events(Topics.Status).Select(e => StatusEventJson.TryRead(e.Value.Span, out _)!)];

    public static AccountKey Key(string channel) => new(channel, channel == "whatsapp" ? "P1" : "178");

    /// <summary>A message of ours.</summary>
    public static Message Sent(string text, string channel = "whatsapp", int secondsAgo = 60, Guid? conversation = null) => new(
        Guid.CreateVersion7(Now.AddSeconds(-secondsAgo)),
        conversation ?? Guid.Parse("123e4567-e89b-12d3-a456-426614174000"),
        Organization,
        Guid.Parse("789e1234-e89b-12d3-a456-426614174000"),
        channel,
        MessageDirection.Outbound,
        "text",
        $$"""{"texto":"{{text}}"}""",
        "990",
        Now.AddSeconds(-secondsAgo),
        AccountId: Key(channel).AccountId);

    public static SendEntry Try(Message message, SendOutcome? outcome = null, string? id = null) => new(
        new(message.MessageId, message.ConversationId, Key(message.Channel), 1, Guid.NewGuid(), Now), outcome, id);

    /// <summary>What WhatsApp posts of one account.</summary>
    public static string WhatsApp(string members, string business = "W1", string account = "P1") =>
        $$$"""
        {"object":"whatsapp_business_account","entry":[{"id":"{{{business}}}","changes":[{"field":"messages","value":
        {"metadata":{"phone_number_id":"{{{account}}}"},{{{members}}}}}]}]}
        """;

    public static string Status(string id, string status = "delivered", string more = "") =>
        $$"""{"id":"{{id}}","status":"{{status}}","timestamp":"1790000000"{{more}}}""";

    public static string TextOf(string id, string text, string from = "551188880002", string more = "") =>
        $$$"""{"from":"{{{from}}}","id":"{{{id}}}","timestamp":"1790000000","type":"text","text":{"body":"{{{text}}}"}{{{more}}}}""";

    public static string Instagram(params string[] items) =>
        $$"""{"object":"instagram","entry":[{"id":"178","time":1790000000000,"messaging":[{{string.Join(',', items)}}]}]}""";

    public static string Echo(string mid, string text) =>
        $$$"""
        {"sender":{"id":"178"},"recipient":{"id":"990"},"timestamp":1790000000000,
        "message":{"mid":"{{{mid}}}","text":"{{{text}}}","is_echo":true}}
        """;

    public static string EchoOfImage(string mid) => $$$"""
        {"sender":{"id":"178"},"recipient":{"id":"990"},"timestamp":1790000000000,"message":{"mid":"{{{mid}}}","is_echo":true,
        "attachments":[{"type":"image","payload":{"url":"https://cdn.example/7"}}]}}
        """;

    public static string Seen(string mid, int second = 50) => $$$"""
        {"sender":{"id":"990"},"recipient":{"id":"178"},"timestamp":{{{1_790_000_000 + second}}}000,"read":{"mid":"{{{mid}}}"}}
        """;

    public static string Wrote(string mid, string text) =>
        $$$"""
        {"sender":{"id":"990"},"recipient":{"id":"178"},"timestamp":1790000000000,"message":{"mid":"{{{mid}}}","text":"{{{text}}}"}}
        """;

    public Task ProcessWhatsAppAsync(params string[] bodies) => ProcessAsync("whatsapp", bodies);

    public Task ProcessInstagramAsync(params string[] bodies) => ProcessAsync("instagram", bodies);

    public Task ProcessAsync(string channel, params string[] bodies) =>
        ProcessAsync(channel, [.. bodies.Select(b => Event(channel, Encoding.UTF8.GetBytes(b)))]);

    public Task ProcessAsync(string channel, IReadOnlyList<LogEvent> events) => Processor.ProcessAsync(
        ConsumerGroup.OfWebhooks(channel), channel, new(Topics.Webhooks(channel), 0), events, TestContext.Current.CancellationToken);

    public LogEvent Event(string channel, byte[] body, Guid? organization = null, int secondsLater = 0)
    {
        var raw = new RawWebhook(channel, organization?.ToString() ?? "default", organization, body);
        var appended = Assert.Single(raw.ToEvents(traceParent: null));
        _offsets[channel] = _offsets.GetValueOrDefault(channel) + 1;
        return new(_offsets[channel], appended.Key, appended.Value, Now.AddSeconds(secondsLater), appended.Headers!);
    }

    public MessageKey? MessageOf(string channel, string id) =>
        Store.Ids.TryGetValue(new(channel, id, Key(channel).AccountId), out var key) ? key : null;

    public void Dispose()
    {
        _loggers.Dispose();
        Meters.Dispose();
    }
}
