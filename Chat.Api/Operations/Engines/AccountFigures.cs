using Chat.Api.Accounts;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Providers;
using Chat.Core.Time;

namespace Chat.Api.Operations.Engines;

/// <summary>The accounts as an operator sees them: those that need somebody first, then those whose token ends first.</summary>
internal sealed class AccountFigures(AccountDirectory accounts, IHeldMessages held)
{
    private const int Listed = 50;

    // The store is asked about each of them.
    private const int Asked = 10;
    private const int CountedHeld = 100;

    public async Task<AccountsView> ReadAsync(CancellationToken cancellationToken)
    {
        var all = new List<KnownAccount>();
        foreach (var channel in ChannelCatalog.Names) all.AddRange(await accounts.OfChannelAsync(channel, cancellationToken));
        var listed = all
            .OrderBy(a => a.Account.State == AccountState.Active)
            .ThenBy(a => a.Credentials.ExpiresAt ?? DateTimeOffset.MaxValue)
            .Take(Listed)
            .ToList();
        var items = new List<AccountHealthView>(listed.Count);
        for (var i = 0; i < listed.Count; i++)
        {
            var count = i < Asked
                ? (await held.ListHeldAsync(listed[i].Key, after: null, CountedHeld + 1, cancellationToken)).Count
                : (int?)null;
            items.Add(View(listed[i], count));
        }
        var active = all.Count(a => a.Account.State == AccountState.Active);
        return new(active, all.Count - active, items);
    }

    private static AccountHealthView View(KnownAccount known, int? held) => new(
        known.Key.Channel,
        known.Key.AccountId,
        known.Account.OrganizationId.ToString("D"),
        AccountView.StateOf(known.Account),
        known.Account.Attention,
        known.Credentials.ExpiresAt is { } end ? WireTime.Format(end) : null,
        held is { } count ? Math.Min(count, CountedHeld) : null,
        held > CountedHeld);
}
