using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Errors;
using Chat.MetaSimulator.People;

namespace Chat.Tests.MetaSimulator;

/// <summary>What a phone does to the business's ticks.</summary>
public sealed class PersonTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private readonly Person _person = new("ana", "Ana");
    private readonly ChatThread _thread;
    private int _ids;

    public PersonTests()
    {
        _thread = _person.With(new MetaAccount(ChannelNames.WhatsApp, "700800900"));
    }

    [Fact]
    public void With_the_chat_closed_a_message_is_delivered() =>
        Assert.Equal([TickKind.Sent, TickKind.Delivered], Kinds(Receive()));

    [Fact]
    public void With_the_chat_open_it_is_read_and_delivered_is_left_out()
    {
        _person.Open(_thread, Now);
        Assert.Equal([TickKind.Sent, TickKind.Read], Kinds(Receive()));
        _person.Close();
        Assert.Equal([TickKind.Sent, TickKind.Delivered], Kinds(Receive()));
    }

    [Fact]
    public void Opening_the_chat_reads_what_is_in_it_once()
    {
        Receive();
        Receive();
        Assert.Equal([TickKind.Read, TickKind.Read], Kinds(_person.Open(_thread, Now)));
        Assert.Empty(_person.Open(_thread, Now));
    }

    [Fact]
    public void With_the_phone_off_it_is_sent_alone_and_delivered_once_it_is_on()
    {
        _person.SwitchOff();
        Assert.Equal([TickKind.Sent], Kinds(Receive()));
        Assert.Empty(_person.Open(_thread, Now));

        Assert.Equal([TickKind.Delivered], Kinds(_person.SwitchOn(Now)));
        Assert.Empty(_person.SwitchOn(Now));
        Assert.Equal([TickKind.Read], Kinds(_person.Open(_thread, Now)));
    }

    [Fact]
    public void Switching_off_closes_what_is_open()
    {
        _person.Open(_thread, Now);
        _person.SwitchOff();
        _person.SwitchOn(Now);
        Assert.Equal([TickKind.Sent, TickKind.Delivered], Kinds(Receive()));
    }

    [Fact]
    public void Without_read_receipts_nothing_is_read()
    {
        _person.HasReadReceipts = false;
        _person.Open(_thread, Now);
        Assert.Equal([TickKind.Sent, TickKind.Delivered], Kinds(Receive()));
        Assert.Empty(_person.Open(_thread, Now));
    }

    [Fact]
    public void What_fails_reaches_no_phone()
    {
        var failed = Assert.Single(Receive(KnownErrors.Of(131026)));
        Assert.Equal((TickKind.Failed, 131026), (failed.Kind, failed.Error!.Code));
        Assert.Empty(_person.Open(_thread, Now));
    }

    [Fact]
    public void Opening_another_chat_closes_the_one_that_was_open()
    {
        var other = _person.With(new MetaAccount(ChannelNames.Instagram, "17841400000000001"));
        _person.Open(_thread, Now);
        _person.Open(other, Now);
        Assert.Equal([TickKind.Sent, TickKind.Delivered], Kinds(Receive()));
    }

    private IReadOnlyList<Tick> Receive(GraphError? failure = null) =>
        _person.Receive(_thread, new($"wamid.{_ids++}", isFromPerson: false, new("text", "Oi"), Now), failure, Now);

    private static IEnumerable<TickKind> Kinds(IEnumerable<Tick> ticks) => ticks.Select(t => t.Kind);
}
