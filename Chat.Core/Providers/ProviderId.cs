using Chat.Core.Ids;

namespace Chat.Core.Providers;

/// <summary>A provider's own id of a message: ids of one channel are nothing to another.</summary>
public readonly record struct ProviderId(string Channel, string Id);

public static class ProviderIdsExtensions
{
    /// <summary>The message that a provider's id means; null where none is noted.</summary>
    public static async ValueTask<MessageKey?> FindByProviderIdAsync(
        this IProviderIds ids, string channel, string providerMessageId, CancellationToken cancellationToken)
    {
        var id = new ProviderId(channel, providerMessageId);
        return (await ids.FindByProviderIdsAsync([id], cancellationToken)).TryGetValue(id, out var key) ? key : null;
    }
}
