using Chat.Core.Ids;
using Chat.Core.Providers;

namespace Chat.Tests.Compliance.Store;

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
