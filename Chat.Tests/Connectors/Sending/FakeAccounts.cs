using Chat.Core.Accounts;

namespace Chat.Tests.Connectors.Sending;

/// <summary>Accounts in memory.</summary>
internal sealed class FakeAccounts : IAccounts
{
    private readonly Dictionary<AccountKey, KnownAccount> _accounts = [];

    public KnownAccount this[AccountKey key] => _accounts[key];

    /// <summary>Connects an account; again, to change it.</summary>
    public KnownAccount Connect(
        AccountKey key, Guid organizationId, AccountState state = AccountState.Active, int? perSecond = null, string? businessId = null)
    {
        var account = new Account(
            key,
            organizationId,
            businessId,
            DisplayName: null,
            Account.DefaultApp,
            ReadOnlyMemory<byte>.Empty,
            state,
            Attention: null,
            perSecond,
            Samples.Start,
            Samples.Start);
        return _accounts[key] = new(account, new("the-token"));
    }

    public ValueTask<KnownAccount?> FindAsync(AccountKey key, CancellationToken cancellationToken) => new(_accounts.GetValueOrDefault(key));

    public ValueTask<IReadOnlyList<KnownAccount>> OfOrganizationAsync(
        Guid organizationId, string channel, CancellationToken cancellationToken) =>
        new([.. _accounts.Values.Where(a => a.Account.OrganizationId == organizationId && a.Key.Channel == channel)]);

    public ValueTask<IReadOnlyList<KnownAccount>> OfChannelAsync(string channel, CancellationToken cancellationToken) =>
        new([.. _accounts.Values.Where(a => a.Key.Channel == channel)]);

    public ValueTask<WebhookApp?> FindAppAsync(string channel, string app, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask SetAttentionAsync(AccountKey key, string? attention, CancellationToken cancellationToken)
    {
        var known = _accounts[key];
        _accounts[key] = known with
        {
            Account = known.Account with
            {
                State = attention is null ? AccountState.Active : AccountState.NeedsAttention,
                Attention = attention,
            },
        };
        return default;
    }
}
