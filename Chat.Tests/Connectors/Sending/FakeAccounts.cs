using Chat.Core.Accounts;

namespace Chat.Tests.Connectors.Sending;

/// <summary>Accounts in memory.</summary>
internal sealed class FakeAccounts : IAccounts
{
    private readonly Dictionary<AccountKey, KnownAccount> _accounts = [];
    private readonly Dictionary<AccountKey, KnownAccount> _unseen = [];

    /// <summary>How often the next calls fail, as where the store is away and was never there.</summary>
    public int Failures { get; set; }

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

    /// <summary>Takes an account away.</summary>
    public void Remove(AccountKey key) => _accounts.Remove(key);

    /// <summary>Connects an account so that nobody here knows of it yet who does not ask.</summary>
    public void ConnectElsewhere(AccountKey key, Guid organizationId)
    {
        _unseen[key] = Connect(key, organizationId);
        Remove(key);
    }

    public ValueTask<KnownAccount?> FindAsync(AccountKey key, CancellationToken cancellationToken)
    {
        if (Failures-- > 0) throw new IOException("The store is away.");
        return new(_accounts.GetValueOrDefault(key));
    }

    public async ValueTask<IReadOnlyDictionary<AccountKey, KnownAccount>> FindNowAsync(
        IReadOnlyCollection<AccountKey> keys, CancellationToken cancellationToken)
    {
        foreach (var (connected, account) in _unseen) _accounts[connected] = account;
        _unseen.Clear();
        var key = Assert.Single(keys);
        return await FindAsync(key, cancellationToken) is { } found ? new() { [key] = found } : new Dictionary<AccountKey, KnownAccount>();
    }

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
