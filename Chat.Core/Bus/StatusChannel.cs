namespace Chat.Core.Bus;

/// <summary>The bus channel of a conversation, as the seed names it.</summary>
public static class StatusChannel
{
    public const string Prefix = "status:";

    /// <summary>What every channel's name looks like, for spans.</summary>
    public const string Template = Prefix + "{conversationId}";

    public static string For(Guid conversationId) => $"{Prefix}{conversationId:D}";
}
