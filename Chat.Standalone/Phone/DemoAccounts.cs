using System.Security.Cryptography;

namespace Chat.Standalone.Phone;

/// <summary>The accounts and the person of the demonstration: the same at each start but for what is secret.</summary>
public sealed class DemoAccounts
{
    /// <summary>The organization that the accounts belong to; the one of the README's commands.</summary>
    public const string Organization = "456e7890-e89b-12d3-a456-426614174000";

    /// <summary>Webhooks come under this app's path.</summary>
    public const string App = "phone";

    public const string WhatsAppAccount = "700800900100200";
    public const string WhatsAppBusiness = "900100200300400";
    public const string WhatsAppNumber = "+55 11 3000-0001";
    public const string InstagramAccount = "17841400000000001";
    public const string InstagramName = "loja.exemplo";
    public const string Person = "ana";
    public const string PersonName = "Ana Souza";

    /// <summary>As the desk dials it.</summary>
    public const string PersonNumber = "5511987654321";

    /// <summary>As WhatsApp has it: an account from before Brazil's ninth digit.</summary>
    public const string PersonWaId = "551187654321";

    public const string PersonInstagramId = "990011223344";

    private static readonly string[] Channels = ["whatsapp", "instagram"];

    /// <summary>What the services prove themselves to the simulator with.</summary>
    public string AccessToken { get; } = $"EAAG{NewSecret()}";

    /// <summary>What the simulator signs its webhooks with.</summary>
    public string AppSecret { get; } = NewSecret();

    public string VerifyToken { get; } = NewSecret();

    /// <summary>The settings with which the services talk to a simulator.</summary>
    public Dictionary<string, string?> SettingsFor(Uri simulator)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Providers:WhatsApp:BaseUrl"] = simulator.GetLeftPart(UriPartial.Authority),
            ["Providers:Instagram:BaseUrl"] = simulator.GetLeftPart(UriPartial.Authority),
        };
        AddAccount(settings, 0, Channels[0], WhatsAppAccount, WhatsAppBusiness, WhatsAppNumber);
        AddAccount(settings, 1, Channels[1], InstagramAccount, null, InstagramName);
        foreach (var channel in Channels)
        {
            settings[$"Accounts:Apps:{channel}:{App}:Secrets:0"] = AppSecret;
            settings[$"Accounts:Apps:{channel}:{App}:VerifyTokens:0"] = VerifyToken;
        }
        return settings;
    }

    private void AddAccount(
        Dictionary<string, string?> settings, int index, string channel, string id, string? business, string name)
    {
        var account = $"Accounts:Own:{index}";
        settings[$"{account}:Channel"] = channel;
        settings[$"{account}:AccountId"] = id;
        settings[$"{account}:OrganizationId"] = Organization;
        if (business is not null) settings[$"{account}:BusinessId"] = business;
        settings[$"{account}:DisplayName"] = name;
        settings[$"{account}:App"] = App;
        settings[$"{account}:AccessToken"] = AccessToken;
    }

    private static string NewSecret() => RandomNumberGenerator.GetHexString(32, lowercase: true);
}
