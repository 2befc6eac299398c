using Chat.Core.Ids;
using Chat.Core.Providers;

namespace Chat.Tests.Compliance.Store;

/// <summary>What every <see cref="IProviderIds"/> promises.</summary>
public abstract class ProviderIdsCompliance(IStoreEngine engine) : StoreCompliance(engine)
{
    [Fact]
    public async Task A_providers_id_stands_for_the_first_message_it_was_noted_for()
    {
        string id = $"wamid.{Guid.NewGuid():N}✓", other = $"wamid.{Guid.NewGuid():N}";
        MessageKey first = NewKey(), second = NewKey();
        Assert.Null(await Store.ProviderIds.FindByProviderIdAsync("whatsapp", id, Cancellation));

        await Store.ProviderIds.AddProviderIdAsync(new("whatsapp", id), first, Cancellation);
        await Store.ProviderIds.AddProviderIdAsync(new("whatsapp", id), first, Cancellation);
        await Store.ProviderIds.AddProviderIdAsync(new("whatsapp", id), second, Cancellation);

        Assert.Equal(first, await Store.ProviderIds.FindByProviderIdAsync("whatsapp", id, Cancellation));
        Assert.Null(await Store.ProviderIds.FindByProviderIdAsync("instagram", id, Cancellation));
        Assert.Null(await Store.ProviderIds.FindByProviderIdAsync("whatsapp", other, Cancellation));
    }
}
