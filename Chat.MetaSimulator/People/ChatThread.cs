using Chat.MetaSimulator.Accounts;

namespace Chat.MetaSimulator.People;

/// <summary>A person's chat with one account of a business's.</summary>
public sealed class ChatThread(MetaAccount account)
{
    private const int PairBurst = 45;
    private const double PairSeconds = 6;

    public MetaAccount Account { get; } = account;

    /// <summary>Whether it is on the screen.</summary>
    public bool IsOpen { get; set; }

    public bool IsBlocked { get; set; }

    /// <summary>When the person wrote last: how long the business may answer counts from here. Null for never.</summary>
    public DateTimeOffset? LastWroteAt { get; set; }

    /// <summary>Until when the business shows that it types; null where it never did.</summary>
    public DateTimeOffset? TypingUntil { get; set; }

    /// <summary>When the last of its updates is told, so that the next is not told before it.</summary>
    public DateTimeOffset LastDue { get; set; }

    /// <summary>In the order in which the provider took them.</summary>
    public List<PhoneMessage> Messages { get; } = [];

    /// <summary>The business's emojis that wait for the phone; an empty one takes one back.</summary>
    public List<(PhoneMessage Target, string Emoji)> Reactions { get; } = [];

    /// <summary>How fast one account may write to one person.</summary>
    public Bucket PairRate { get; } = new(PairBurst, 1 / PairSeconds);

    /// <summary>Puts the emojis that waited on their messages.</summary>
    public void ShowReactions()
    {
        foreach (var (target, emoji) in Reactions) target.BusinessReaction = emoji.Length > 0 ? emoji : null;
        Reactions.Clear();
    }

    public PhoneMessage? Find(string messageId) => Messages.Find(m => m.Id == messageId);
}
