using Chat.Core;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Chat.Standalone.Phone;

/// <summary>
/// Connects the accounts, as a person does at Meta: their tokens before anything is sent; and once the API listens, the app's secret and
/// callback, and somebody to talk to, who wrote just before, so that the desk may write first.
/// </summary>
internal sealed class PhoneConnection(DemoPhone phone, IServer server) : IHostedLifecycleService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly (string Channel, string Account)[] Chats =
        [("whatsapp", DemoAccounts.WhatsAppAccount), ("instagram", DemoAccounts.InstagramAccount)];

    public Task StartingAsync(CancellationToken cancellationToken) => WithSimulatorAsync(PutAccountsAsync, cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()
            ?? throw new StartUpException($"{PhoneSettings.Switch} needs an address at which webhooks reach this process.");
        var own = Banner.UrlOf(BindingAddress.Parse(address)).TrimEnd('/');
        await WithSimulatorAsync((simulator, ct) => ConnectAsync(simulator, own, ct), cancellationToken);
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task WithSimulatorAsync(Func<HttpClient, CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = phone.Address, Timeout = Patience };
        try
        {
            await action(http, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new StartUpException($"The phone's simulator at {phone.Address} was not reached: {exception.Message}");
        }
    }

    private async Task PutAccountsAsync(HttpClient simulator, CancellationToken cancellationToken)
    {
        foreach (var (channel, account) in Chats)
        {
            await SendAsync(simulator, HttpMethod.Put, $"accounts/{channel}/{account}", new
            {
                app = AppOf(channel),
                accessToken = phone.Accounts.AccessToken,
                businessId = channel == "whatsapp" ? DemoAccounts.WhatsAppBusiness : account,
                displayName = channel == "whatsapp" ? DemoAccounts.WhatsAppNumber : DemoAccounts.InstagramName,
            }, cancellationToken);
        }
    }

    private async Task ConnectAsync(HttpClient simulator, string own, CancellationToken cancellationToken)
    {
        foreach (var (channel, _) in Chats)
        {
            await SendAsync(simulator, HttpMethod.Put, $"apps/{AppOf(channel)}", new
            {
                secret = phone.Accounts.AppSecret,
                callbackUrl = $"{own}/v1/webhooks/{channel}/{DemoAccounts.App}",
                verifyToken = phone.Accounts.VerifyToken,
            }, cancellationToken);
        }
        await SendAsync(simulator, HttpMethod.Put, $"people/{DemoAccounts.Person}", new
        {
            name = DemoAccounts.PersonName,
            number = DemoAccounts.PersonNumber,
            waId = DemoAccounts.PersonWaId,
            instagramId = DemoAccounts.PersonInstagramId,
        }, cancellationToken);
        foreach (var (channel, account) in Chats)
        {
            var wrote = $"people/{DemoAccounts.Person}/chats/{channel}/{account}/wrote";
            await SendAsync(simulator, HttpMethod.Post, wrote, new { secondsAgo = 0 }, cancellationToken);
        }
    }

    private async Task SendAsync(HttpClient simulator, HttpMethod method, string what, object body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, $"/simulator/{what}") { Content = JsonContent.Create(body) };
        using var response = await simulator.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode) return;
        var said = await response.Content.ReadAsStringAsync(cancellationToken);
        throw new StartUpException($"The phone's simulator at {phone.Address} refused {what}: {(int)response.StatusCode} {said}");
    }

    // One callback an app, as at Meta, and a path for each channel here.
    private static string AppOf(string channel) => $"{DemoAccounts.App}-{channel}";
}
