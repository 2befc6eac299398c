using Chat.Core.Ids;

namespace Chat.Core.Providers;

/// <summary>
/// Which message a provider means by an id of its own. <see cref="Messages.IMessageStore"/> says what every port of the store promises.
/// </summary>
public interface IProviderIds
{
    /// <summary>Notes which message a provider's id means. The first one stays.</summary>
    ValueTask AddProviderIdAsync(ProviderId id, MessageKey key, CancellationToken cancellationToken);

    /// <summary>The messages that providers' ids mean; those of which none is noted are missing.</summary>
    ValueTask<IReadOnlyDictionary<ProviderId, MessageKey>> FindByProviderIdsAsync(
        IReadOnlyCollection<ProviderId> ids, CancellationToken cancellationToken);
}
