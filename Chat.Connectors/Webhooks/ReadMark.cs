using Chat.Core.Accounts;
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

    /// <summary>Those of the messages before the marked one that it covers.</summary>
    /// <param name="before">Any of the conversation's.</param>
    /// <param name="tries">The latest of those that <see cref="MayBeSent"/> asks about.</param>
    public static IEnumerable<Message> Covered(
        AccountKey account, IReadOnlyList<MessageWithFacts> before, IReadOnlyDictionary<Guid, SendEntry> tries) =>
        before
            .Where(m => IsUnread(account, m)
                && (IsSent(m) || tries.GetValueOrDefault(m.Message.MessageId)?.Outcome == SendOutcome.Accepted))
            .Select(m => m.Message);

    /// <summary>Messages of which only the ledger says whether they were sent: their SENT may still be on its way.</summary>
    public static IEnumerable<Guid> MayBeSent(AccountKey account, IReadOnlyList<MessageWithFacts> before) =>
        before.Where(m => IsUnread(account, m) && !IsSent(m)).Select(m => m.Message.MessageId);

    private static bool IsUnread(AccountKey account, MessageWithFacts one) =>
        one.Message.Direction != MessageDirection.Inbound
        && one.Message.Channel == account.Channel
        && one.Message.AccountId == account.AccountId
        && one.Facts[StatusKind.Read] is null;

    private static bool IsSent(MessageWithFacts one) =>
        one.Message.ProviderMessageId is not null
        || one.Facts[StatusKind.Sent] is not null
        || one.Facts[StatusKind.Delivered] is not null;
}
