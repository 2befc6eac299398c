using Chat.Core;
using Chat.Standalone.Phone;
using Microsoft.Extensions.Configuration;

namespace Chat.Tests.Standalone;

public sealed class DemoPhoneTests
{
    [Fact]
    public async Task Nobody_who_does_not_ask_gets_one() => Assert.Null(await DemoPhone.StartAsync(new ConfigurationManager()));

    [Fact]
    public async Task The_services_are_pointed_at_it_and_an_account_of_each_channel_is_the_demo_organizations()
    {
        var configuration = With(("Phone", "true"));
        await using var phone = await DemoPhone.StartAsync(configuration);

        Assert.Equal(phone!.Address, new Uri(configuration["Providers:WhatsApp:BaseUrl"]!));
        Assert.True(phone.Address.IsLoopback);
        Assert.Equal(["whatsapp", "instagram"], configuration.GetSection("Accounts:Own").GetChildren().Select(a => a["Channel"]));
        Assert.All(
            configuration.GetSection("Accounts:Own").GetChildren(), a => Assert.Equal(DemoAccounts.Organization, a["OrganizationId"]));
        Assert.NotEmpty(configuration["Accounts:Apps:whatsapp:phone:Secrets:0"]!);
    }

    [Fact]
    public async Task Beside_accounts_of_ones_own_it_does_not_start()
    {
        var stopped = await Assert.ThrowsAsync<StartUpException>(() =>
            DemoPhone.StartAsync(With(("Phone", "true"), ("Accounts:Own:0:Channel", "whatsapp"))));

        Assert.Contains("Accounts:Own", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_none_is_named() => Assert.Contains(
        "Phone:Url",
        (await Assert.ThrowsAsync<StartUpException>(() => DemoPhone.StartAsync(With(("Phone:Url", "phone"))))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void The_switch_takes_no_argument_for_its_own() =>
        Assert.Equal(["--Phone=true", "--data", "x"], PhoneSettings.Normalize(["--phone", "--data", "x"]));

    private static ConfigurationManager With(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => (string?)s.Value));
        return configuration;
    }
}
