using Chat.Tests.Graph;

namespace Chat.Tests.Telemetry;

/// <summary>Use does not make series: what each costs in Prometheus is paid for as long as it is kept.</summary>
public sealed class MetricsCardinalityTests(StandaloneProcess standalone) : IClassFixture<StandaloneProcess>
{
    private const int Conversations = 60;

    [Fact]
    public async Task Series_do_not_grow_with_organizations_users_conversations_and_messages()
    {
        for (var i = 0; i < 3; i++) await PostAndWatchAsync();
        var before = await ScrapeAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < Conversations; i++) ids.AddRange(await PostAndWatchAsync());
        // Counted once it is written: the last one may have come just before.
        var after = before;
        await Until.TrueAsync(
            async () => DeliveriesOf(after = await ScrapeAsync()) >= DeliveriesOf(before) + Conversations, "the ticks are counted");

        Assert.DoesNotContain(
            ids, id => after.Text.Contains($"{id:D}", StringComparison.OrdinalIgnoreCase)
                || after.Text.Contains($"{id:N}", StringComparison.OrdinalIgnoreCase));
        // What happens for the first time by chance, such as a status code, may add a few.
        var added = after.Series.Count - before.Series.Count;
        Assert.True(added < Conversations, $"{before.Series.Count} series, then {after.Series.Count}");
    }

    private static double DeliveriesOf(Scrape scrape) => scrape.Series.Single(s => s.Metric == "chat_hub_deliveries_total").Value;

    private async Task<Scrape> ScrapeAsync()
    {
        using var http = new HttpClient();
        return new(await http.GetStringAsync(new Uri(standalone.Apis[0], "/metrics"), TestContext.Current.CancellationToken));
    }

    // A new user of a new organization in a new conversation: the ids that there were.
    private async Task<IReadOnlyList<Guid>> PostAndWatchAsync()
    {
        using var user = new TestUser(standalone);
        var conversation = Guid.NewGuid();
        await using var socket = await user.OpenAsync();
        await socket.SubscribeAsync(conversation);
        var message = await user.PostAsync(conversation);
        await socket.ExpectAsync("message.status");
        return [user.Id, user.Organization!.Value, conversation, message];
    }
}
