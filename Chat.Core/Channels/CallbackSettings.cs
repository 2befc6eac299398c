namespace Chat.Core.Channels;

/// <summary>The settings of status callbacks that the API, which takes them, and the connectors, which send them, share.</summary>
public static class CallbackSettings
{
    public const string Section = "Callbacks";

    /// <summary>The bearer key.</summary>
    public const string Key = $"{Section}:Key";
}
