namespace Chat.Core.Messages;

/// <summary>What a message holds; <see cref="Message.Type"/>.</summary>
public static class MessageTypes
{
    public const string Text = "text";
    public const string Template = "template";
    public const string Image = "image";
    public const string Document = "document";
    public const string Audio = "audio";
    public const string Video = "video";
    public const string Interactive = "interactive";
    public const string Reaction = "reaction";

    /// <summary>
    /// No message: asks the connector to mark <see cref="Message.ProviderMessageId"/>, and all before it, as read. Never stored.
    /// </summary>
    public const string MarkRead = "mark_read";

    /// <summary>No message: asks the connector to show the person that somebody types. Never stored.</summary>
    public const string Typing = "typing";
}
