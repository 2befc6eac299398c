using Chat.Core.Ids;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.LoadTest.Distributed;
using Chat.Tests.Compliance.Store;

namespace Chat.Tests.Compliance;

/// <summary>How many requests the steps take that every message goes through.</summary>
[Collection(CassandraCollection.Name)]
public sealed class CassandraRequestsTests(CassandraServer server)
{
    private const int Messages = 200;

    // What the connections of every test so far send by themselves meanwhile.
    private const int Other = 40;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hand_overs_and_the_look_for_parked_statuses_are_not_a_request_for_each_message()
    {
        var store = StorePorts.From((await server.SharedHostAsync()).Services);
        var ids = new IdSource(TimeProvider.System);
        var now = DateTimeOffset.UtcNow;
        HandOver[] handOvers = [.. Enumerable.Range(0, Messages).Select(_ => new HandOver(ids.Next(), "whatsapp", now, null))];
        string[] subjects = [.. handOvers.Select(h => ParkedStatuses.SubjectOf(h.MessageId))];
        await store.HandOvers.RecordHandOversAsync(handOvers[..20], Cancellation);
        await store.Parked.ListParkedAsync(subjects[..20], Cancellation);

        var before = await CountAsync();
        await store.HandOvers.RecordHandOversAsync(handOvers, Cancellation);
        var between = await CountAsync();
        await store.Parked.ListParkedAsync(subjects, Cancellation);
        var after = await CountAsync();

        Assert.InRange(between - before, 2 * Messages / 10, (2 * Messages / 10) + Other);
        Assert.InRange(after - between, Messages / 10, (Messages / 10) + Other);
    }

    private async Task<long> CountAsync()
    {
        var count = await CassandraRequests.CountAsync([$"{server.ContactPoint}:{server.Port}"], Cancellation);
        if (count is null) Assert.Skip("The server does not tell how many requests it has had.");
        return count.Value;
    }
}
