namespace Chat.Core.Log;

/// <summary>The topics, by Kafka's names. Every key is a conversation id, but for <see cref="Webhooks"/>.</summary>
public static class Topics
{
    /// <summary>Messages that the API accepted, for the router.</summary>
    public const string Messages = "messages";

    /// <summary>Status events of all channels, for the status worker; its offsets number the changes.</summary>
    public const string Status = "msg.status";

    /// <summary>Which dead letters were put back; made with the first of them.</summary>
    public const string PutBack = "dead_letters.put_back";

    private const string DeadLetterSuffix = ".dlq";

    /// <summary>Messages on their way to a channel's connector.</summary>
    public static string Outbound(string channel) => $"msg.out.{channel}";

    /// <summary>What a channel's provider posted, as it was signed (<see cref="Webhooks.RawWebhook"/>); the key is a hash of it.</summary>
    public static string Webhooks(string channel) => $"webhooks.{channel}";

    /// <summary>Messages that came from a channel, on their way to <see cref="Messages"/>, which numbers them.</summary>
    public static string Inbound(string channel) => $"msg.in.{channel}";

    /// <summary>Where what a consumer of <paramref name="topic"/> can't use goes, with its reason.</summary>
    public static string DeadLetter(string topic) => topic + DeadLetterSuffix;

    /// <summary>Whether a topic is one of <see cref="DeadLetter"/>.</summary>
    public static bool IsDeadLetter(string topic) => topic.EndsWith(DeadLetterSuffix, StringComparison.Ordinal);

    /// <summary>
    /// Every topic that the services need, dead letters included; what an engine makes at start. A topic is listed once something
    /// writes and something reads it.
    /// </summary>
    public static IReadOnlyList<string> All { get; } = Build();

    private static string[] Build()
    {
        string[] live =
        [
            Messages, Status, .. Channels.ChannelCatalog.Names.SelectMany(c => new[] { Outbound(c), Webhooks(c), Inbound(c) }),
        ];
        return [.. live, .. live.Select(DeadLetter)];
    }
}
