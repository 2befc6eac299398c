using Chat.Core.Engines;
using Chat.Core.Parking;
using Chat.Tests.Compliance.Store;

namespace Chat.Tests.Compliance;

/// <summary>What the server refuses for what it is.</summary>
[Collection(CassandraCollection.Name)]
public sealed class CassandraRefusalTests(CassandraServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_that_is_too_long_is_refused_and_not_a_failure()
    {
        var store = StorePorts.From((await server.SharedHostAsync()).Services);
        var subject = new string('x', 70_000);
        var parked = new ParkedStatus(subject, 1, "{}"u8.ToArray(), DateTimeOffset.UtcNow);

        await Assert.ThrowsAsync<EngineRefusedException>(async () => await store.Parked.ParkAsync([parked], Cancellation));
        await Assert.ThrowsAsync<EngineRefusedException>(
            async () => await store.ProviderIds.FindByProviderIdAsync("whatsapp", subject, Cancellation));
    }
}
