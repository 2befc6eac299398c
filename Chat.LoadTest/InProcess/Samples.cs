using Chat.Core.Channels;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Statuses;

namespace Chat.LoadTest.InProcess;

/// <summary>Messages and status events as the pipeline writes them.</summary>
internal static class Samples
{
    public static readonly StatusKind[] ToRead = [StatusKind.Sent, StatusKind.Delivered, StatusKind.Read];

    public static Message MessageOf(IdSource ids, int conversation)
    {
        var id = ids.Next();
        return new(
            id, BenchmarkIds.Conversation(conversation), BenchmarkIds.Organization, BenchmarkIds.User,
            ChannelCatalog.WhatsApp, MessageDirection.Outbound, "text", """{"texto":"Olá, mundo! Seu pedido saiu para entrega."}""",
            "5511999999999", MessageIds.CreatedAt(id)!.Value);
    }

    public static NewEvent EventOf(string topic, Message message, StatusKind kind) => new(
        topic,
        MessageIds.Format(message.ConversationId),
        StatusEventJson.Write(new(
            message.MessageId, message.ConversationId, message.OrganizationId, message.Channel, kind, DateTimeOffset.UtcNow)));
}
