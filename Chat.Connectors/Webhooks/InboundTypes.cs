namespace Chat.Connectors.Webhooks;

/// <summary>What a message holds that only people send, beside <see cref="Core.Messages.MessageTypes"/>.</summary>
internal static class InboundTypes
{
    /// <summary>Another message has another text now.</summary>
    public const string Edit = "edit";

    /// <summary>Another message was taken back.</summary>
    public const string Revoke = "revoke";

    /// <summary>A choice of those that were offered.</summary>
    public const string Button = "button";

    /// <summary>The provider does not say what it is.</summary>
    public const string Unsupported = "unsupported";
}
