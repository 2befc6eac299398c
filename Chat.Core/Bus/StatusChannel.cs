namespace Chat.Core.Bus;

/// <summary>The bus channel of a conversation, as the seed names it.</summary>
public static class StatusChannel
{
    public const string Prefix = "status:";

    public static string For(Guid conversationId) => $"{Prefix}{conversationId:D}";
}
