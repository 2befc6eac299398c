using Chat.Core.Accounts;

namespace Chat.Tests.Webhooks;

/// <summary>Accounts and apps that a test names.</summary>
internal sealed class FakeAccounts : IAccounts
{
    public List<Account> All { get; } = [];

    public List<WebhookApp> Apps { get; } = [];

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

    public ValueTask<KnownAccount?> FindAsync(AccountKey key, CancellationToken cancellationToken) =>
        new(All.Find(a => a.Key == key) is { } found ? new KnownAccount(found, new(null)) : null);

    public ValueTask<KnownAccount?> FindNowAsync(AccountKey key, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<IReadOnlyList<KnownAccount>> OfOrganizationAsync(
        Guid organizationId, string channel, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<KnownAccount>> OfChannelAsync(string channel, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<WebhookApp?> FindAppAsync(string channel, string app, CancellationToken cancellationToken) =>
        new(Apps.Find(a => a.Channel == channel && a.App == app));

    public ValueTask SetAttentionAsync(AccountKey key, string? attention, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
