using Chat.Core.Accounts;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Statuses;

namespace Chat.Connectors.Webhooks;

/// <summary>
/// What a person has seen who saw a message: a chat is read from its end, so everything that we sent before was on the screen too. By our
/// order of sending, and idempotent: what is READ already is left out.
/// </summary>
internal static class ReadMark
{
    /// <summary>How far back is looked; what is older was covered by a mark before, or by none.</summary>
    public const int MaxMessages = 200;

    // The provider's clock and ours differ by this at most.
    private static readonly TimeSpan Clocks = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Those of the messages before the marked one that it covers: what was posted before it may have been sent only after it was seen, as
    /// where the marked one was written in the provider's own app.
    /// </summary>
    /// <param name="readAt">When it was seen, by the provider; null where that is not known.</param>
    /// <param name="before">Any of the conversation's.</param>
    /// <param name="tries">The latest of those that <see cref="MayBeSent"/> asks about.</param>
    public static IEnumerable<Message> Covered(
        AccountKey account,
        DateTimeOffset? readAt,
        IReadOnlyList<MessageWithFacts> before,
        IReadOnlyDictionary<Guid, SendEntry> tries) =>
        before
            .Where(m => IsUnread(account, m)
                && SentAt(m, tries.GetValueOrDefault(m.Message.MessageId)) is { } sent
                && (readAt is not { } seen || sent <= seen + Clocks))
            .Select(m => m.Message);

    /// <summary>Messages of which only the ledger says whether they were sent: their SENT may still be on its way.</summary>
    public static IEnumerable<Guid> MayBeSent(AccountKey account, IReadOnlyList<MessageWithFacts> before) =>
        before.Where(m => IsUnread(account, m) && !IsSent(m)).Select(m => m.Message.MessageId);

    private static bool IsUnread(AccountKey account, MessageWithFacts one) =>
        one.Message.Direction != MessageDirection.Inbound
        && one.Message.Channel == account.Channel
        && one.Message.AccountId == account.AccountId
        && one.Facts[StatusKind.Read] is null;

    private static bool IsSent(MessageWithFacts one) => SentAt(one, entry: null) is not null;

    private static DateTimeOffset? SentAt(MessageWithFacts one, SendEntry? entry) =>
        one.Message.ProviderMessageId is not null ? one.Message.CreatedAt
        : (one.Facts[StatusKind.Sent] ?? one.Facts[StatusKind.Delivered]) is { } fact ? fact.At
        : entry?.Outcome == SendOutcome.Accepted ? entry.Try.At
        : null;
}

/// <summary>A message of ours that was seen, and the update that says so.</summary>
internal sealed record SeenMark(AdmittedUpdate Update, MessageKey Key, DateTimeOffset? At);

/// <summary>Messages before a marked one, newest first, with the latest tries of those that <see cref="ReadMark.MayBeSent"/>.</summary>
internal sealed record ReadPage(MessageKey Mark, IReadOnlyList<MessageWithFacts> Messages, IReadOnlyDictionary<Guid, SendEntry> Tries)
{
    /// <summary>Whether there may be more before them.</summary>
    public bool IsCut => Messages.Count == ReadMark.MaxMessages;

    /// <summary>Those before a message; null where they are not in here.</summary>
    public IReadOnlyList<MessageWithFacts>? Before(MessageKey key)
    {
        if (key == Mark) return Messages;
        var from = Messages.SkipWhile(m => m.Message.MessageId != key.MessageId).ToList();
        return from.Count == 0 ? null : from[1..];
    }
}
