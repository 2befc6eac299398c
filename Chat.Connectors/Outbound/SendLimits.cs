using Chat.Connectors.Providers;
using Chat.Core.Accounts;
using Chat.Core.Channels;

namespace Chat.Connectors.Outbound;

/// <summary>Which limits a message counts for.</summary>
/// <param name="Business">Its account's at the provider; null where it is not known.</param>
/// <param name="PerSecond">Its account's rate.</param>
/// <param name="Recipient">Null where the pair of account and recipient has no limit of its own.</param>
internal readonly record struct SendSlot(AccountKey Account, string? Business, string App, int PerSecond, string? Recipient)
{
    // Raised by WhatsApp itself for large senders, whose accounts have a number of their own then.
    private const int WhatsAppPerSecond = 80;
    private const int InstagramPerSecond = 300;
    private const int InstagramMediaPerSecond = 10;

    /// <summary>A message's slot.</summary>
    /// <param name="isMedia">Whether it is an audio or a video.</param>
    /// <param name="recipient">Whatever tells one recipient of the account from another.</param>
    public static SendSlot Of(Account account, bool isMedia, string recipient)
    {
        var isWhatsApp = account.Key.Channel == ChannelCatalog.WhatsApp;
        var own = isWhatsApp ? WhatsAppPerSecond : isMedia ? InstagramMediaPerSecond : InstagramPerSecond;
        return new(
            account.Key,
            account.BusinessId,
            account.App,
            account.MessagesPerSecond is { } set ? Math.Min(set, isMedia && !isWhatsApp ? own : int.MaxValue) : own,
            isWhatsApp ? recipient : null);
    }
}

/// <summary>
/// How fast accounts may send, and which must wait: by the provider's limits before it says anything, and by what it answered. One for
/// all partitions of this process; other processes have their own, and what all of them send together is held to by the provider's
/// answers. No clock.
/// </summary>
public sealed class SendLimits
{
    // One message in 6 seconds to one person, and up to 45 of them ahead of time.
    private const int PairBurst = 45;

    // Pairs are forgotten once they are idle; looked through when there are so many.
    private const int ManyPairs = 20_000;

    private static readonly TimeSpan PairInterval = TimeSpan.FromSeconds(6);

    private readonly Lock _gate = new();
    private readonly Dictionary<(AccountKey Account, int PerSecond), Pace> _accounts = [];
    private readonly Dictionary<(AccountKey Account, string Recipient), Pace> _pairs = [];
    private readonly Dictionary<(LaterScope Scope, string Channel, string Id), TimeSpan> _closed = [];
    private int _lookAtPairs = ManyPairs;

    /// <summary>How long a message must wait. Where that is no longer than <paramref name="longest"/>, its place is taken.</summary>
    internal TimeSpan Ask(in SendSlot slot, TimeSpan now, TimeSpan longest)
    {
        lock (_gate)
        {
            var (account, pair) = PacesOf(slot, now);
            var wait = ClosedFor(slot, now);
            if (account.WaitAt(now) is var ofAccount && ofAccount > wait) wait = ofAccount;
            if (pair?.WaitAt(now) is { } ofPair && ofPair > wait) wait = ofPair;
            if (wait > longest) return wait;
            account.Take(now);
            pair?.Take(now);
            return wait;
        }
    }

    /// <summary>How long a message should wait that must wait for longer than is worth waiting for: others were told before it.</summary>
    internal TimeSpan Promise(in SendSlot slot, TimeSpan now)
    {
        lock (_gate)
        {
            var (account, pair) = PacesOf(slot, now);
            var wait = ClosedFor(slot, now);
            if (account.Promise(now) is var ofAccount && ofAccount > wait) wait = ofAccount;
            if (pair?.Promise(now) is { } ofPair && ofPair > wait) wait = ofPair;
            return wait;
        }
    }

    /// <summary>How long nothing may be sent, by what the provider answered.</summary>
    internal TimeSpan ClosedFor(in SendSlot slot, TimeSpan now)
    {
        lock (_gate)
        {
            var until = now;
            foreach (var scope in (ReadOnlySpan<LaterScope>)[LaterScope.Account, LaterScope.Business, LaterScope.App])
            {
                if (_closed.Count > 0 && KeyOf(scope, slot) is { } key && _closed.TryGetValue(key, out var at) && at > until) until = at;
            }
            return until - now;
        }
    }

    /// <summary>Notes that the provider wants nothing of a scope for a time.</summary>
    internal void Close(LaterScope scope, in SendSlot slot, TimeSpan until)
    {
        if (KeyOf(scope, slot) is not { } key) return;
        lock (_gate)
        {
            if (!_closed.TryGetValue(key, out var known) || known < until) _closed[key] = until;
        }
    }

    private static (LaterScope Scope, string Channel, string Id)? KeyOf(LaterScope scope, in SendSlot slot) => scope switch
    {
        LaterScope.App => (scope, slot.Account.Channel, slot.App),
        LaterScope.Business when slot.Business is { } business => (scope, slot.Account.Channel, business),
        LaterScope.Business or LaterScope.Account => (LaterScope.Account, slot.Account.Channel, slot.Account.AccountId),
        _ => null,
    };

    private (Pace Account, Pace? Pair) PacesOf(in SendSlot slot, TimeSpan now)
    {
        var rate = Math.Max(slot.PerSecond, 1);
        var key = (slot.Account, rate);
        // A second's worth at once, after a pause.
        if (!_accounts.TryGetValue(key, out var account)) _accounts[key] = account = new(TimeSpan.FromSeconds(1) / rate, rate);
        if (slot.Recipient is not { } recipient) return (account, null);
        if (!_pairs.TryGetValue((slot.Account, recipient), out var pair))
        {
            if (_pairs.Count >= _lookAtPairs) ForgetIdlePairs(now);
            _pairs[(slot.Account, recipient)] = pair = new(PairInterval, PairBurst);
        }
        return (account, pair);
    }

    private void ForgetIdlePairs(TimeSpan now)
    {
        foreach (var (key, pair) in _pairs)
        {
            if (pair.IsIdleAt(now)) _pairs.Remove(key);
        }
        _lookAtPairs = Math.Max(ManyPairs, _pairs.Count * 2);
    }
}
