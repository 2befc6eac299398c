using Chat.Core.Accounts;

namespace Chat.Tests.Webhooks;

/// <summary>Accounts and apps that a test names.</summary>
internal sealed class FakeAccounts : IAccounts
{
    public List<Account> All { get; } = [];

    public List<WebhookApp> Apps { get; } = [];

    /// <summary>Those that were asked for.</summary>
    public List<AccountKey> Asked { get; } = [];

    public static Account New(
        Guid organization, string accountId = "P1", string channel = "whatsapp", string? businessId = null) => new(
        new(channel, accountId),
        organization,
        businessId,
        DisplayName: null,
        Account.DefaultApp,
        SealedCredentials: default,
        AccountState.Active,
        Attention: null,
        MessagesPerSecond: null,
        CreatedAt: default,
        UpdatedAt: default);

    public ValueTask<KnownAccount?> FindAsync(AccountKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyDictionary<AccountKey, KnownAccount>> FindNowAsync(
        IReadOnlyCollection<AccountKey> keys, CancellationToken cancellationToken)
    {
        Asked.AddRange(keys);
        return new(All.Where(a => keys.Contains(a.Key)).ToDictionary(a => a.Key, a => new KnownAccount(a, new(null))));
    }

    public ValueTask<IReadOnlyList<KnownAccount>> OfOrganizationAsync(
        Guid organizationId, string channel, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<KnownAccount>> OfChannelAsync(string channel, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<WebhookApp?> FindAppAsync(string channel, string app, CancellationToken cancellationToken) =>
        new(Apps.Find(a => a.Channel == channel && a.App == app));

    public ValueTask SetAttentionAsync(AccountKey key, string? attention, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
