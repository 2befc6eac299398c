namespace Chat.Core.Providers;

/// <summary>
/// A provider's own id of a message. It is looked for together with the account that it was sent from: an id alone, and one of another
/// account, mean nothing.
/// </summary>
/// <param name="Channel">Ids of one channel are nothing to another.</param>
/// <param name="AccountId">Null for what simulated connectors, and callbacks that name no account, report.</param>
public readonly record struct ProviderId(string Channel, string Id, string? AccountId = null)
{
    /// <summary>Account and id in one text, as stores keep it. Accounts' ids have no colon (<see cref="Accounts.AccountKey"/>).</summary>
    public string Key => AccountId is null ? Id : $"{AccountId}:{Id}";

    /// <summary>The ids of a try whose message became several; see <see cref="SendEntry"/>.</summary>
    public static IEnumerable<ProviderId> SplitAll(string channel, string accountId, string ids) =>
        ProviderIdList.Split(ids).Select(id => new ProviderId(channel, id, accountId));

    /// <summary>The id that <see cref="Key"/> is of.</summary>
    public static ProviderId FromKey(string channel, string key) =>
        key.IndexOf(':') is var colon and > 0 ? new(channel, key[(colon + 1)..], key[..colon]) : new(channel, key);
}
