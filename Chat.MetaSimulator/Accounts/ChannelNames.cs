namespace Chat.MetaSimulator.Accounts;

/// <summary>The channels that are simulated.</summary>
public static class ChannelNames
{
    public const string WhatsApp = "whatsapp";
    public const string Instagram = "instagram";

    public static bool IsKnown(string? channel) => channel is WhatsApp or Instagram;
}
