using Chat.Connectors.Outbound;
using Chat.Connectors.Providers;
using Chat.Core.Accounts;
using Chat.Core.Channels;

namespace Chat.Tests.Connectors.Sending;

public sealed class SendLimitsTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Now = TimeSpan.FromHours(1);

    private readonly SendLimits _limits = new();

    [Theory]
    [InlineData(LaterScope.Account, "1", "1/b/a")]
    [InlineData(LaterScope.Business, "1", "1/b/a 2/b/a")]
    [InlineData(LaterScope.App, "1", "1/b/a 2/b/a 3/c/a")]
    public void What_the_provider_asks_for_holds_up_those_whom_it_concerns(LaterScope scope, string account, string waiting)
    {
        string[] slots = ["1/b/a", "2/b/a", "3/c/a", "4/d/z"];
        _limits.Close(scope, Slot($"{account}/b/a"), Now + TimeSpan.FromSeconds(3));
        Assert.Equal(waiting.Split(' '), slots.Where(slot => _limits.ClosedFor(Slot(slot), Now) > TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(3), _limits.Ask(Slot("1/b/a"), Now, Long));
        Assert.Equal(TimeSpan.Zero, _limits.ClosedFor(Slot("1/b/a"), Now + TimeSpan.FromSeconds(3)));
        // Another channel's account of the same names is another one.
        var other = Slot("1/b/a") with { Account = new(ChannelCatalog.Instagram, "1") };
        Assert.Equal(TimeSpan.Zero, _limits.ClosedFor(other, Now));
    }

    [Fact]
    public void A_business_that_is_not_known_is_its_account_alone()
    {
        var slot = Slot("1/b/a") with { Business = null };
        _limits.Close(LaterScope.Business, slot, Now + Long);
        Assert.Equal(Long, _limits.ClosedFor(slot, Now));
        Assert.Equal(TimeSpan.Zero, _limits.ClosedFor(slot with { Account = new(ChannelCatalog.WhatsApp, "2") }, Now));
    }

    [Fact]
    public void A_shorter_wait_takes_nothing_from_a_longer_one()
    {
        var slot = Slot("1/b/a");
        _limits.Close(LaterScope.Account, slot, Now + Long);
        _limits.Close(LaterScope.Account, slot, Now + TimeSpan.FromSeconds(1));
        Assert.Equal(Long, _limits.ClosedFor(slot, Now));
    }

    [Fact]
    public void A_rate_lets_a_seconds_worth_through_at_once_and_then_one_at_a_time()
    {
        var slot = Slot("1/b/a") with { PerSecond = 4 };
        var waits = Enumerable.Range(0, 8).Select(_ => _limits.Ask(slot, Now, Long).TotalMilliseconds);
        Assert.Equal([0, 0, 0, 0, 250, 500, 750, 1000], waits);
    }

    [Fact]
    public void What_must_wait_for_too_long_takes_no_place_and_is_told_a_time_of_its_own()
    {
        var slot = Slot("1/b/a") with { PerSecond = 1 };
        for (var i = 0; i < 6; i++) _limits.Ask(slot, Now, Long);
        Assert.Equal(6, _limits.Ask(slot, Now, Long).TotalSeconds);
        Assert.Equal(6, _limits.Ask(slot, Now, Long).TotalSeconds);
        Assert.Equal([6, 7, 8], Enumerable.Range(0, 3).Select(_ => _limits.Promise(slot, Now).TotalSeconds));
    }

    [Theory]
    [InlineData(ChannelCatalog.WhatsApp, null, false, 80)]
    [InlineData(ChannelCatalog.WhatsApp, 1000, true, 1000)]
    [InlineData(ChannelCatalog.Instagram, null, false, 300)]
    [InlineData(ChannelCatalog.Instagram, null, true, 10)]
    [InlineData(ChannelCatalog.Instagram, 100, true, 10)]
    [InlineData(ChannelCatalog.Instagram, 5, true, 5)]
    public void An_accounts_rate_is_its_channels_or_its_own(string channel, int? set, bool isMedia, int expected)
    {
        var account = new FakeAccounts().Connect(new(channel, "1"), Guid.CreateVersion7(Samples.Start), perSecond: set).Account;
        var slot = SendSlot.Of(account, isMedia, "551");
        Assert.Equal(expected, slot.PerSecond);
        Assert.Equal(channel == ChannelCatalog.WhatsApp ? "551" : null, slot.Recipient);
    }

    // account/business/app
    private static SendSlot Slot(string text) => text.Split('/') is [var account, var business, var app]
        ? new(new AccountKey(ChannelCatalog.WhatsApp, account), business, app, 80, null)
        : throw new ArgumentException(text, nameof(text));
}
