namespace Chat.Core.Messages;

/// <summary>Which way a message goes; <see cref="Message.Direction"/>.</summary>
public static class MessageDirection
{
    /// <summary>From the support desk to the customer.</summary>
    public const string Outbound = "outbound";

    /// <summary>From the customer to the support desk.</summary>
    public const string Inbound = "inbound";
}
