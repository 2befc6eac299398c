using Chat.Api.Messages;
using Chat.Api.Problems;
using Chat.Core.Accounts;
using Chat.Tests.Connectors.Sending;

namespace Chat.Tests.Api;

/// <summary>From which account a message goes.</summary>
public sealed class PostingAccountTests
{
    private static readonly CancellationToken Cancelled = TestContext.Current.CancellationToken;

    private readonly FakeAccounts _accounts = new();
    private readonly SendingStore _store = new();

    [Fact]
    public async Task Without_accounts_it_goes_to_the_simulated_channel() => Assert.Equal((null, null), await ChooseAsync());

    [Fact]
    public async Task The_only_account_is_taken()
    {
        Connect("1");
        Assert.Equal(("1", null), await ChooseAsync());
        Assert.Empty(_store.Calls);
    }

    [Fact]
    public async Task Another_organizations_account_and_another_channels_count_for_nothing()
    {
        _accounts.Connect(new("whatsapp", "1"), Bodies.User);
        _accounts.Connect(new("instagram", "2"), Bodies.Organization);
        Assert.Equal((null, null), await ChooseAsync());
        Assert.Equal((null, "conta"), await ChooseAsync(named: "1"));
        Assert.Equal((null, "conta"), await ChooseAsync(named: "2"));
    }

    [Fact]
    public async Task Of_several_the_one_that_is_named_is_taken_or_the_one_that_the_person_wrote_to()
    {
        Connect("1");
        Connect("2");
        Assert.Equal((null, "conta"), await ChooseAsync());
        Assert.Equal(("1", null), await ChooseAsync(named: "1"));
        _store.Notes.Add(new(
            Bodies.Conversation, Bodies.Organization, new("whatsapp", "2"), [], "551", null, Connectors.Samples.Start, IsInbound: true));
        Assert.Equal(("2", null), await ChooseAsync());
        Assert.Equal(("1", null), await ChooseAsync(named: "1"));
    }

    [Theory]
    [InlineData("+55 (11) 90000-0000", null)]
    [InlineData("BR.1349", null)]
    [InlineData("somebody", "destinatario")]
    [InlineData("12", "destinatario")]
    public async Task A_recipient_that_WhatsApp_can_not_be_given_is_told(string recipient, string? field)
    {
        Assert.Equal((null, null), await ChooseAsync(recipient: recipient));
        Connect("1");
        Assert.Equal(field, (await ChooseAsync(recipient: recipient)).Field);
    }

    private void Connect(string account) => _accounts.Connect(new AccountKey("whatsapp", account), Bodies.Organization);

    private async Task<(string? Account, string? Field)> ChooseAsync(string? named = null, string? recipient = null)
    {
        var posted = new PostedMessage(
            Bodies.Conversation, Bodies.Organization, Bodies.User, "whatsapp", "text", "{}", recipient, named);
        var errors = new FieldErrors();
        var chosen = await new PostingAccount(_accounts, _store).ChooseAsync(posted, errors, Cancelled);
        return (chosen?.AccountId, errors.Any ? errors.Single().Key : null);
    }
}
