using Chat.Core.Accounts;

namespace Chat.Core.Providers;

/// <summary>A message that can't be sent now and must not hold up others: kept as it came, until its time.</summary>
/// <param name="Scope">What it waits for, within its account: empty for the account itself, or the recipient's address.</param>
/// <param name="Value">The event's value in <c>msg.out.{channel}</c>.</param>
/// <param name="NotBefore">When it may be tried again; <see cref="DateTimeOffset.MaxValue"/> for "once a person has seen to the account".</param>
public sealed record HeldMessage(
    AccountKey Account, Guid MessageId, Guid ConversationId, string Scope, ReadOnlyMemory<byte> Value, DateTimeOffset NotBefore);

/// <summary>
/// Messages that wait for their account, number or recipient, out of the log's way. They go back through <c>msg.out.{channel}</c>.
/// <see cref="Messages.IMessageStore"/> says what every port of the store promises.
/// </summary>
public interface IHeldMessages
{
    /// <summary>Keeps messages, keyed by account and message id; the last <see cref="HeldMessage.NotBefore"/> stays.</summary>
    ValueTask HoldAsync(IReadOnlyList<HeldMessage> messages, CancellationToken cancellationToken);

    /// <summary>An account's held messages, by message id (the oldest first), after one; at most so many.</summary>
    ValueTask<IReadOnlyList<HeldMessage>> ListHeldAsync(
        AccountKey account, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Forgets held messages: they are in the log again, or were given up.</summary>
    ValueTask ReleaseAsync(AccountKey account, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken);
}
