using Chat.Core.Accounts;
using Chat.Core.Time;

namespace Chat.Core.Providers;

/// <summary>A message that can't be sent now and must not hold up others: kept as it came, until its time.</summary>
/// <param name="HoldId">
/// Another each time that a message is held: who puts it back into the log forgets this hold, and not the one that may have followed.
/// </param>
/// <param name="Scope">What it waits for, within its account: empty for the account itself, or the recipient's address.</param>
/// <param name="Value">The event's value in <c>msg.out.{channel}</c>.</param>
/// <param name="NotBefore">
/// When it may be tried again; <see cref="DateTimeOffset.MaxValue"/> for "once a person has seen to the account".
/// </param>
public sealed record HeldMessage(
    AccountKey Account,
    Guid MessageId,
    Guid HoldId,
    Guid ConversationId,
    string Scope,
    ReadOnlyMemory<byte> Value,
    DateTimeOffset NotBefore)
{
    private static readonly DateTimeOffset Last = WireTime.TruncateToMilliseconds(DateTimeOffset.MaxValue);

    /// <summary><see cref="NotBefore"/> as a store gives it back that keeps whole milliseconds: the last one means "no time".</summary>
    public static DateTimeOffset TimeOf(DateTimeOffset stored) => stored < Last ? stored : DateTimeOffset.MaxValue;
}

/// <summary>Where a listing of held messages goes on.</summary>
public readonly record struct HeldPlace(Guid MessageId, Guid HoldId)
{
    public static HeldPlace Of(HeldMessage held) => new(held.MessageId, held.HoldId);
}

/// <summary>
/// Messages that wait for their account, number or recipient, out of the log's way. They go back through <c>msg.out.{channel}</c>.
/// <see cref="Messages.IMessageStore"/> says what every port of the store promises.
/// </summary>
public interface IHeldMessages
{
    /// <summary>Keeps messages, each under its account, message and hold; what is kept already is left as it is.</summary>
    ValueTask HoldAsync(IReadOnlyList<HeldMessage> messages, CancellationToken cancellationToken);

    /// <summary>
    /// An account's held messages, the oldest message first, after a place; at most so many. A message that was held twice comes twice.
    /// </summary>
    ValueTask<IReadOnlyList<HeldMessage>> ListHeldAsync(
        AccountKey account, HeldPlace? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// The accounts of a channel that hold anything, connected or not; each once, in no order. One that held something a short time ago
    /// may be among them.
    /// </summary>
    ValueTask<IReadOnlyList<AccountKey>> ListHeldAccountsAsync(string channel, CancellationToken cancellationToken);

    /// <summary>
    /// Forgets these holds: their messages are in the log again, or were given up. Other holds of the same messages stay.
    /// </summary>
    ValueTask ReleaseAsync(IReadOnlyList<HeldMessage> messages, CancellationToken cancellationToken);
}
