using System.ComponentModel.DataAnnotations;
using Chat.Core.Accounts;

namespace Chat.Connectors.Accounts;

/// <summary>How accounts are looked after: section <c>Accounts:Health</c>.</summary>
public sealed class AccountHealthOptions
{
    public const string Section = $"{AccountsOptions.Section}:Health";

    /// <summary>Whether this process looks after the accounts of the channels that it connects.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// How often an account's token and subscription are looked at, by all processes together; 1 minute to a day. One that was just
    /// connected or changed is looked at soon after.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long before its end a token is refreshed, where the provider refreshes; 1 to 50 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "50.00:00:00")]
    public TimeSpan RefreshBefore { get; set; } = TimeSpan.FromDays(10);
}
