namespace Chat.Core.Channels;

/// <summary>The settings of a channel that more than its connector reads.</summary>
public static class ChannelSettings
{
    /// <summary>The section with one child for each channel, named like it.</summary>
    public const string Section = "Connectors:Channels";

    /// <summary>Whether a channel reports DELIVERED: <c>true</c> or <c>false</c>.</summary>
    public static string ReportsDelivered(string channel) => $"{Section}:{channel}:ReportsDelivered";
}
