using System.Diagnostics.Metrics;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Telemetry;

namespace Chat.Connectors.Accounts;

/// <summary>
/// How many accounts there are by channel and state, as this process knows them; every process with connectors says the same.
/// </summary>
internal sealed class AccountMetrics
{
    private static readonly (string Name, AccountState State)[] States =
        [("active", AccountState.Active), ("needs_attention", AccountState.NeedsAttention)];

    private readonly AccountDirectory _accounts;

    public AccountMetrics(IMeterFactory meters, AccountDirectory accounts)
    {
        _accounts = accounts;
        meters.Create(ChatTelemetry.Name).CreateObservableGauge(
            "chat.accounts", Count, "{account}", "Accounts at providers by state");
    }

    // Each of them always, so that an alert sees a zero and no gap.
    private IEnumerable<Measurement<long>> Count()
    {
        var all = _accounts.Known?.All ?? [];
        return ChannelCatalog.Names.SelectMany(channel => States.Select(state => new Measurement<long>(
            all.LongCount(a => a.Key.Channel == channel && a.Account.State == state.State),
            new KeyValuePair<string, object?>("channel", channel),
            new KeyValuePair<string, object?>("state", state.Name))));
    }
}
