using Chat.Connectors;
using Chat.Connectors.Outbound;
using Chat.Connectors.Providers;
using Chat.Core.Channels;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using static Chat.Tests.Connectors.Samples;

namespace Chat.Tests.Connectors;

public sealed class SimulatedProviderTests
{
    private static readonly CancellationToken Cancelled = TestContext.Current.CancellationToken;

    [Fact]
    public void A_message_is_SENT_at_once_DELIVERED_after_400_ms_and_READ_800_ms_after_that() => Assert.Equal(
        [
            new PlannedStatus(StatusKind.Sent, TimeSpan.Zero),
            new PlannedStatus(StatusKind.Delivered, TimeSpan.FromMilliseconds(400)),
            new PlannedStatus(StatusKind.Read, TimeSpan.FromMilliseconds(1200)),
        ],
        Provider(new()).Plan(Message().MessageId));

    [Fact]
    public void A_channel_that_reports_no_DELIVERED_says_READ_at_the_same_time_as_one_that_does() => Assert.Equal(
        [new PlannedStatus(StatusKind.Sent, TimeSpan.Zero), new PlannedStatus(StatusKind.Read, TimeSpan.FromMilliseconds(1200))],
        Provider(new() { ReportsDelivered = false }).Plan(Message().MessageId));

    [Fact]
    public void A_channel_reports_what_the_catalog_has_and_nothing_else() => Assert.Equal(
        [new PlannedStatus(StatusKind.Sent, TimeSpan.Zero)],
        new SimulatedProvider(
                ChannelCatalog.Default with { Reports = [StatusKind.Sent, StatusKind.Failed] },
                new(),
                NullLogger<SimulatedProvider>.Instance)
            .Plan(Message().MessageId));

    [Fact]
    public void A_failed_message_is_SENT_and_then_FAILED_with_one_of_the_configured_reasons()
    {
        var plans = Plans(new() { FailureShare = 1, FailureReasons = ["blocked", "no such number"] }, 100);

        Assert.All(plans, plan => Assert.Equal([StatusKind.Sent, StatusKind.Failed], plan.Select(s => s.Kind)));
        Assert.Equal(["blocked", "no such number"], plans.Select(p => p[1].Reason).Distinct().Order());
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.1, 850, 1150)]
    [InlineData(1, 10_000, 10_000)]
    public void About_the_configured_share_fails_even_of_ids_of_one_millisecond(double share, int least, int most) =>
        Assert.InRange(Plans(new() { FailureShare = share }, 10_000).Count(p => p[^1].Kind == StatusKind.Failed), least, most);

    [Fact]
    public void What_becomes_of_a_message_follows_from_its_id_alone()
    {
        var options = new SimulatedChannelOptions { FailureShare = 0.5 };
        var ids = Enumerable.Range(0, 200).Select(_ => Message().MessageId).ToList();

        var (one, another) = (Provider(options), Provider(options));
        Assert.All(ids, id => Assert.Equal(one.Plan(id), another.Plan(id)));
    }

    [Fact]
    public async Task A_message_that_is_sent_is_logged_as_the_seed_does()
    {
        var log = new FakeLogger<SimulatedProvider>();
        await SendAsync(log, Message(recipient: "+55 11 99999-0000"), first: true);
        Assert.Equal("[WHATSAPP] -> usuário +55 11 99999-0000 | Olá, mundo!", Assert.Single(log.Collector.GetSnapshot()).Message);
    }

    [Fact]
    public async Task Outside_Development_a_message_is_logged_by_its_id_alone()
    {
        var log = new FakeLogger<SimulatedProvider>();
        var message = Message(recipient: "+55 11 99999-0000");
        await SendAsync(log, message, first: true, logsContents: false);
        Assert.Equal(
            $"[WHATSAPP] -> {message.MessageId:D} | content of {message.Content.Length} characters",
            Assert.Single(log.Collector.GetSnapshot()).Message);
    }

    [Fact]
    public async Task Without_an_address_the_log_line_names_the_conversation()
    {
        var log = new FakeLogger<SimulatedProvider>();
        var message = Message();
        await SendAsync(log, message, first: true);
        Assert.Equal($"[WHATSAPP] -> usuário {message.ConversationId:D} | Olá, mundo!", Assert.Single(log.Collector.GetSnapshot()).Message);
    }

    [Fact]
    public async Task A_text_cannot_forge_a_line_of_the_log()
    {
        var log = new FakeLogger<SimulatedProvider>();
        await SendAsync(log, Message(content: """{"texto":"a\r\n[CALLBACK] SENT -> 202"}""", recipient: "x\ny"), first: true);
        Assert.Equal("[WHATSAPP] -> usuário x y | a  [CALLBACK] SENT -> 202", Assert.Single(log.Collector.GetSnapshot()).Message);
    }

    [Fact]
    public async Task A_message_that_the_ledger_knew_is_not_sent_again_but_its_statuses_are_planned()
    {
        var log = new FakeLogger<SimulatedProvider>();
        var answer = await SendAsync(log, Message(), first: false);
        Assert.Empty(log.Collector.GetSnapshot());
        Assert.Equal(3, Assert.IsType<SendAnswer.Accepted>(answer).Statuses.Count);
    }

    private static SimulatedProvider Provider(SimulatedChannelOptions options) =>
        new(ChannelCatalog.Default, options, NullLogger<SimulatedProvider>.Instance);

    private static List<IReadOnlyList<PlannedStatus>> Plans(SimulatedChannelOptions options, int count)
    {
        var provider = Provider(options);
        return [.. Enumerable.Range(0, count).Select(_ => provider.Plan(Message().MessageId))];
    }

    private static ValueTask<SendAnswer> SendAsync(
        FakeLogger<SimulatedProvider> log, Message message, bool first, bool logsContents = true) =>
        new SimulatedProvider(ChannelCatalog.Default, new(), log, logsContents).SendAsync(new(message, Start, first), Cancelled);
}
