using Chat.Core.Statuses;

namespace Chat.Core.Channels;

/// <summary>
/// The channels there are: the one list that the API, the topics, the connectors and the AppHost read. A new channel is a new row.
/// </summary>
public static class ChannelCatalog
{
    public const string WhatsApp = "whatsapp";
    public const string Instagram = "instagram";

    private static readonly IReadOnlyList<StatusKind> Everything = StatusKinds.All;

    private static readonly SimulatedDefaults Simulated = new(TimeSpan.FromMilliseconds(400), TimeSpan.FromMilliseconds(800));

    /// <summary>All channels; the first is the default one.</summary>
    public static IReadOnlyList<Channel> All { get; } =
    [
        new(WhatsApp, "WhatsApp", Everything, Simulated),
        // Meta's Instagram API has messaging_seen and no deliveries. The simulated channel reports them, as the seed's does.
        new(Instagram, "Instagram", Everything, Simulated),
    ];

    /// <summary>The names of all channels, in the order of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(c => c.Name)];

    /// <summary>The channel of a message that names none.</summary>
    public static Channel Default => All[0];

    /// <summary>The channel of a name, in any case; null where there is none.</summary>
    public static Channel? Find(string name) => All.FirstOrDefault(c => c.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
