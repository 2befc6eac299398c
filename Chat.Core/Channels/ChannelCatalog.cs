using Chat.Core.Statuses;

namespace Chat.Core.Channels;

/// <summary>The channels there are.</summary>
public sealed class ChannelCatalog
{
    public const string WhatsApp = "whatsapp";
    public const string Instagram = "instagram";

    /// <summary>The names of all channels, the default one first.</summary>
    public static readonly IReadOnlyList<string> Names = [WhatsApp, Instagram];

    /// <param name="instagramReportsDelivered">
    /// Meta's Instagram API has <c>messaging_seen</c> and no deliveries, so the real channel never says DELIVERED. The simulated
    /// one can, as the seed's does.
    /// </param>
    public ChannelCatalog(bool instagramReportsDelivered)
    {
        StatusKind[] all = [StatusKind.Sent, StatusKind.Delivered, StatusKind.Read, StatusKind.Failed];
        All =
        [
            new(WhatsApp, all),
            new(Instagram, instagramReportsDelivered ? all : [StatusKind.Sent, StatusKind.Read, StatusKind.Failed]),
        ];
    }

    public IReadOnlyList<Channel> All { get; }

    /// <summary>The channel of a name in any case; WhatsApp where none is given; null where there is none such.</summary>
    public Channel? Find(string? name) =>
        string.IsNullOrWhiteSpace(name) ? All[0] : All.FirstOrDefault(c => c.Name.Equals(name.Trim(), StringComparison.OrdinalIgnoreCase));
}
