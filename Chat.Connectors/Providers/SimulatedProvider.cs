using System.Buffers.Binary;
using Chat.Connectors.Outbound;
using Chat.Core.Channels;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Statuses;

namespace Chat.Connectors.Providers;

/// <summary>
/// A channel without a provider: SENT at once, DELIVERED and READ after the configured delays, or FAILED for a share of the
/// messages. What becomes of a message follows from its id alone, so that a redelivery repeats it.
/// </summary>
public sealed partial class SimulatedProvider(
    Channel channel, SimulatedChannelOptions options, ILogger<SimulatedProvider> logger, bool logsContents = false)
    : IChannelProvider
{
    private static readonly string[] DefaultReasons =
    [
        "Recipient is not on this channel",
        "Message could not be delivered",
        "Outside the allowed window of 24 hours",
    ];

    private readonly string[] _reasons = options.FailureReasons is { Count: > 0 } reasons ? [.. reasons] : DefaultReasons;

    private readonly PlannedStatus[] _success = PlanSuccess(channel.ReportsWith(options.ReportsDelivered), options);

    private readonly string _label = channel.Name.ToUpperInvariant();

    public string Channel { get; } = channel.Name;

    public ValueTask<SendAnswer> SendAsync(Outgoing outgoing, CancellationToken cancellationToken)
    {
        if (outgoing.First && logger.IsEnabled(LogLevel.Information)) LogHandedOver(outgoing.Message);
        return new(new SendAnswer.Accepted([], Plan(outgoing.Message.MessageId)));
    }

    /// <summary>What becomes of a message.</summary>
    public IReadOnlyList<PlannedStatus> Plan(Guid messageId)
    {
        var hash = Hash(messageId);
        // 32 of the bits as a number in [0, 1) decide whether, the others why.
        if ((uint)hash / (double)(1L << 32) >= options.FailureShare) return _success;
        var reason = _reasons[(int)((hash >> 32) % (ulong)_reasons.Length)];
        return [new(StatusKind.Sent, TimeSpan.Zero), new(StatusKind.Failed, options.DeliveredAfter, reason)];
    }

    private void LogHandedOver(Message message)
    {
        using var scope = logger.BeginScope(MessageScope.Of(message));
        if (!logsContents)
        {
            LogSentId(_label, message.MessageId, message.Content.Length);
            return;
        }
        var recipient = message.Recipient is { } address
            ? MessageText.ToSingleLine(address)
            : MessageIds.Format(message.ConversationId);
        var text = MessageText.Describe(message);
        LogSent(_label, recipient, text);
    }

    private static PlannedStatus[] PlanSuccess(IReadOnlyList<StatusKind> reports, SimulatedChannelOptions options)
    {
        PlannedStatus[] all =
        [
            new(StatusKind.Sent, TimeSpan.Zero),
            new(StatusKind.Delivered, options.DeliveredAfter),
            new(StatusKind.Read, options.DeliveredAfter + options.ReadAfter),
        ];
        return [.. all.Where(s => reports.Contains(s.Kind))];
    }

    // Part of a UUIDv7 is the time: the mixing (the finalizer of SplitMix64) spreads ids of one millisecond evenly.
    private static ulong Hash(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return Mix(Mix(BinaryPrimitives.ReadUInt64BigEndian(bytes)) ^ BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }

    // Outside Development nothing of a person's is in a log.
    [LoggerMessage(
        EventId = LogEvents.MessageSentId,
        Level = LogLevel.Information,
        Message = "[{Channel}] -> {MessageId} | content of {Length} characters")]
    private partial void LogSentId(string channel, Guid messageId, int length);

    // The seed's line, which its users grep for: [WHATSAPP] -> usuário 5511999999999 | Olá
    [LoggerMessage(EventId = LogEvents.MessageSent, Level = LogLevel.Information, Message = "[{Channel}] -> usuário {Recipient} | {Text}")]
    private partial void LogSent(string channel, string recipient, string text);
}
