using Chat.Core.Engines;
using Chat.Core.Ids;
using Chat.Core.Parking;
using Chat.Core.Statuses;
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

    [Fact]
    public async Task Where_a_status_is_refused_no_change_of_its_call_is_written()
    {
        var store = StorePorts.From((await server.SharedHostAsync()).Services);
        var (conversation, now) = (Guid.NewGuid(), DateTimeOffset.UtcNow);
        MessageKey[] keys = [new(conversation, Guid.CreateVersion7()), new(conversation, Guid.CreateVersion7())];
        // Above what the server takes in a request to several partitions.
        var reason = new string('x', 100_000);

        await Assert.ThrowsAsync<EngineRefusedException>(async () => await store.Statuses.RecordStatusesAsync(
            [.. keys.Select((k, i) =>
                new StatusRecord(k, StatusKind.Failed, new(now, i == 1 ? reason : null, i), "whatsapp", now, now, null))],
            [.. keys.Select((k, i) => new StatusChange(conversation, i, k.MessageId, MessageStatus.Failed, "whatsapp", now, null, now))],
            Cancellation));

        var page = await store.Changes.ListChangesAsync(conversation, -1, 10, Cancellation);
        Assert.Equal((0, 0), (page.Head, page.Changes.Count));
    }
}
