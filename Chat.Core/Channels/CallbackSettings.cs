namespace Chat.Core.Channels;

/// <summary>The settings of status callbacks that the API, which takes them, and the connectors, which send them, share.</summary>
public static class CallbackSettings
{
    public const string Section = "Callbacks";

    /// <summary>A bearer key for all channels, in Development.</summary>
    public const string Key = $"{Section}:Key";

    /// <summary>The section with one child for each channel, named like it.</summary>
    public const string Keys = $"{Section}:Keys";

    /// <summary>The bearer keys that are for one channel alone.</summary>
    public static string KeysOf(string channel) => $"{Keys}:{channel}";
}
