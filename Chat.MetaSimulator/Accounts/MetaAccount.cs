using Chat.MetaSimulator.Instagram;

namespace Chat.MetaSimulator.Accounts;

/// <summary>A business's account: a WhatsApp number or an Instagram account.</summary>
public sealed class MetaAccount(string channel, string id)
{
    // Meta's own: 80 a second for a number, 300 of text for an Instagram account.
    private const int WhatsAppRate = 80;
    private const int InstagramRate = 300;
    private const int InstagramMediaRate = 10;

    private Bucket _rate = BucketOf(channel == ChannelNames.WhatsApp ? WhatsAppRate : InstagramRate);

    public string Channel { get; } = channel;

    /// <summary><c>phone_number_id</c>, or the <c>1784…</c> that webhooks name.</summary>
    public string Id { get; } = id;

    /// <summary>Instagram's other id of the account, which never comes in webhooks.</summary>
    public string AppScopedId => $"9{Id[1..]}";

    /// <summary>The WhatsApp Business Account; an Instagram account's own id.</summary>
    public string BusinessId { get; set; } = id;

    /// <summary>The number as people see it, or the user name.</summary>
    public string DisplayName { get; set; } = "";

    public string App { get; set; } = "";

    /// <summary>Whether its app gets its webhooks.</summary>
    public bool IsSubscribed { get; set; } = true;

    /// <summary>Of Instagram's, the fields that its app subscribed to; the others are not told.</summary>
    public IReadOnlyList<string> Fields { get; set; } = InstagramUpdates.Fields;

    public Dictionary<string, AccessToken> Tokens { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether one person may get 45 at once and one in 6 seconds after that.</summary>
    public bool HasPairLimit { get; set; } = true;

    /// <summary>Instagram's slower limit of audio and video.</summary>
    public Bucket MediaRate { get; } = BucketOf(InstagramMediaRate);

    /// <summary>The number's throughput.</summary>
    public Bucket Rate => _rate;

    /// <summary>The number as digits.</summary>
    public string Digits => new([.. DisplayName.Where(char.IsAsciiDigit)]);

    public void LimitTo(int messagesPerSecond) => _rate = BucketOf(messagesPerSecond);

    private static Bucket BucketOf(int perSecond) => new(perSecond, perSecond);
}
