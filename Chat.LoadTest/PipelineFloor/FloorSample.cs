using Chat.Core.Channels;
using Chat.Core.Events;
using Chat.Core.Frames;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.LoadTest.InProcess;

namespace Chat.LoadTest.PipelineFloor;

/// <summary>A message as the load test posts them: how large its records and publishes are, what its rows hold beside its ids.</summary>
internal static class FloorSample
{
    private const long SomeNumber = 12_345;
    private static readonly DateTimeOffset Made = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    public static Message Message { get; } = Create();

    /// <summary>Of a record of <c>messages</c> and <c>msg.out.{channel}</c>, in bytes.</summary>
    public static int MessageBytes { get; } = MessageEventJson.Write(Message).Length;

    /// <summary>Of a record of <c>msg.status</c>.</summary>
    public static int StatusBytes { get; } = StatusEventJson.Write(new(
        Message.MessageId, Message.ConversationId, Message.OrganizationId, Message.Channel, StatusKind.Delivered, Made)).Length;

    /// <summary>Of what is published.</summary>
    public static int FrameBytes { get; } = StatusFrame.EncodeForBus(
        new(
            Message.ConversationId, SequenceNumber.Create(1, SomeNumber), Message.MessageId, MessageStatus.Delivered, Message.Channel, Made,
            null, Made),
        Message.OrganizationId,
        SequenceNumber.Create(1, SomeNumber),
        null).Length;

    private static Message Create()
    {
        var ids = RunIds.Create(1);
        return new(
            MessageIds.Make(Made, new byte[MessageIds.FreeBytes]), ids.Conversations[0], BenchmarkIds.Organization, BenchmarkIds.User,
            ChannelCatalog.WhatsApp, MessageDirection.Outbound, "text", $$"""{"texto":"{{ids.TextOf(SomeNumber)}}"}""",
            ids.RecipientOf(SomeNumber), Made);
    }
}
