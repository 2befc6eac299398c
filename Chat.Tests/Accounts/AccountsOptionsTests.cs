using Chat.Core.Accounts;
using Chat.ServiceDefaults.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Accounts;

/// <summary>What section <c>Accounts</c> may say, and that its errors name the setting and repeat no secret.</summary>
public sealed class AccountsOptionsTests
{
    private const string Key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    private const string Own = "Accounts:Own:0";

    private static readonly Dictionary<string, string?> Good = new()
    {
        ["Accounts:EncryptionKeys:0"] = Key,
        [$"{Own}:Channel"] = "whatsapp",
        [$"{Own}:AccountId"] = "700800900",
        [$"{Own}:OrganizationId"] = "11111111-1111-4111-8111-111111111111",
        [$"{Own}:AccessToken"] = "EAAG-a-token",
        [$"{Own}:MessagesPerSecond"] = "20",
        [$"{Own}:ExpiresAt"] = "2027-01-31T00:00:00Z",
        ["Accounts:Apps:whatsapp:default:Secrets:0"] = "not-a-secret",
        ["Accounts:Apps:whatsapp:default:VerifyTokens:0"] = "a word",
        ["Accounts:Apps:whatsapp:second-app:Secrets:0"] = "another",
    };

    [Fact]
    public void Accounts_and_apps_when_configured_are_read_as_written()
    {
        var options = Read(Environments.Production, []);

        var own = Assert.Single(options.Own);
        Assert.Equal((new AccountKey("whatsapp", "700800900"), 20), (AccountSet.KeyOf(own), own.MessagesPerSecond));
        Assert.Equal(new DateTimeOffset(2027, 1, 31, 0, 0, 0, TimeSpan.Zero), own.ExpiresAt);
        Assert.Equal(["default", "second-app"], options.Apps["WhatsApp"].Keys.Order());
        Assert.True(options.Vault().CanSeal);
    }

    [Theory]
    [InlineData($"{Own}:Channel", "carrier-pigeon", "Accounts:Own:0:Channel")]
    [InlineData($"{Own}:AccountId", "+55 11 3000-0001", "Accounts:Own:0:AccountId")]
    [InlineData($"{Own}:AccountId", "", "Accounts:Own:0:AccountId")]
    [InlineData($"{Own}:OrganizationId", "00000000-0000-0000-0000-000000000000", "Accounts:Own:0:OrganizationId")]
    [InlineData($"{Own}:AccessToken", "two words", "Accounts:Own:0:AccessToken")]
    [InlineData($"{Own}:MessagesPerSecond", "0", "Accounts:Own:0:MessagesPerSecond")]
    [InlineData($"{Own}:App", "third-app", "Accounts:Own:0:App")]
    [InlineData("Accounts:Apps:carrier-pigeon:default:Secrets:0", "s", "carrier-pigeon")]
    [InlineData("Accounts:Apps:whatsapp:Second App:Secrets:0", "s", "Accounts:Apps:whatsapp:Second App")]
    [InlineData("Accounts:Apps:whatsapp:11111111-1111-4111-8111-111111111111:Secrets:0", "s", "is no UUID")]
    [InlineData("Accounts:Apps:whatsapp:default:Secrets:1", " ", "Accounts:Apps:whatsapp:default")]
    [InlineData("Accounts:EncryptionKeys:1", "c2hvcnQ=", "Accounts:EncryptionKeys:1")]
    [InlineData("Accounts:EncryptionKeys:1", "not base64 at all!", "Accounts:EncryptionKeys:1")]
    [InlineData("Accounts:RefreshInterval", "00:00:00", "RefreshInterval")]
    [InlineData("Accounts:Own:1:Channel", "WhatsApp", "Accounts:Own:1:AccountId")]
    public void A_setting_that_makes_no_sense_stops_the_start_by_its_name(string setting, string value, string named)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Read(Environments.Production, new() { [setting] = value }));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("EAAG", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_account_that_is_there_twice_stops_the_start()
    {
        var twice = Good.Where(s => s.Key.StartsWith(Own, StringComparison.Ordinal))
            .ToDictionary(s => s.Key.Replace(":0:", ":1:", StringComparison.Ordinal), s => s.Value);

        var error = Assert.Throws<OptionsValidationException>(() => Read(Environments.Production, twice));

        Assert.Contains("is there twice", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_may_be_given_alone_and_not_in_a_list()
    {
        var settings = new Dictionary<string, string?> { ["Accounts:EncryptionKeys"] = Key, ["Accounts:EncryptionKeys:0"] = null };

        Assert.Equal([Key], Read(Environments.Production, settings).EncryptionKeys);
    }

    [Theory]
    [InlineData("Development", true)]
    [InlineData("Production", false)]
    public void A_key_is_made_and_kept_where_there_is_a_data_folder_in_development_alone(string environment, bool isMade)
    {
        var folder = Directory.CreateTempSubdirectory("chat-accounts-");
        try
        {
            var settings = new Dictionary<string, string?>
            {
                ["Accounts:EncryptionKeys:0"] = null,
                ["Embedded:DataFolder"] = folder.FullName,
            };

            var (first, second) = (Read(environment, settings), Read(environment, settings));

            Assert.Equal(isMade, first.Vault().CanSeal);
            Assert.Equal(first.EncryptionKeys, second.EncryptionKeys);
            Assert.Equal(isMade, File.Exists(Path.Combine(folder.FullName, "accounts.key")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static AccountsOptions Read(string environment, Dictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = environment });
        var all = Good.Where(s => !settings.ContainsKey(s.Key)).Concat(settings.Where(s => s.Value is not null));
        builder.Configuration.AddInMemoryCollection(all);
        builder.AddAccounts();
        return builder.Services.BuildServiceProvider().GetRequiredService<IOptions<AccountsOptions>>().Value;
    }
}
