using Chat.Core.Accounts;
using Chat.Core.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Chat.ServiceDefaults.Accounts;

/// <summary>Asks the store every few seconds which accounts there are; while it is away, what it said before counts.</summary>
internal sealed class AccountRefresh(
    AccountDirectory accounts,
    IOptions<AccountsOptions> options,
    TimeProvider time,
    RetryForever retry,
    ILogger<AccountRefresh> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await retry.RunAsync(logger, "read", "the accounts", accounts.RefreshAsync, stoppingToken);
            await Task.Delay(options.Value.RefreshInterval, time, stoppingToken);
        }
    }
}
