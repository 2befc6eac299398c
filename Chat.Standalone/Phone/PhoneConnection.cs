using Chat.Core;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Chat.Standalone.Phone;

/// <summary>
/// Connects the accounts once the API listens, as a person does at Meta: the app's secret and callback, the accounts, and somebody to talk
/// to, who wrote just before, so that the desk may write first.
/// </summary>
internal sealed class PhoneConnection(DemoPhone phone, IServer server) : IHostedLifecycleService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly (string Channel, string Account)[] Chats =
        [("whatsapp", DemoAccounts.WhatsAppAccount), ("instagram", DemoAccounts.InstagramAccount)];

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()
            ?? throw new StartUpException($"{PhoneSettings.Switch} needs an address at which webhooks reach this process.");
        using var http = new HttpClient { BaseAddress = phone.Address, Timeout = Patience };
        try
        {
            await ConnectAsync(http, Banner.UrlOf(BindingAddress.Parse(address)), cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new StartUpException($"The phone's simulator at {phone.Address} was not reached: {exception.Message}");
        }
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task ConnectAsync(HttpClient http, string own, CancellationToken cancellationToken)
    {
        foreach (var (channel, account) in Chats)
        {
            await PutAsync($"apps/{AppOf(channel)}", new
            {
                secret = phone.Accounts.AppSecret,
                callbackUrl = $"{own.TrimEnd('/')}/v1/webhooks/{channel}/{DemoAccounts.App}",
                verifyToken = phone.Accounts.VerifyToken,
            });
            await PutAsync($"accounts/{channel}/{account}", new
            {
                app = AppOf(channel),
                accessToken = phone.Accounts.AccessToken,
                businessId = channel == "whatsapp" ? DemoAccounts.WhatsAppBusiness : account,
                displayName = channel == "whatsapp" ? DemoAccounts.WhatsAppNumber : DemoAccounts.InstagramName,
            });
        }
        await PutAsync($"people/{DemoAccounts.Person}", new
        {
            name = DemoAccounts.PersonName,
            number = DemoAccounts.PersonNumber,
            waId = DemoAccounts.PersonWaId,
            instagramId = DemoAccounts.PersonInstagramId,
        });
        foreach (var (channel, account) in Chats)
            await SendAsync(HttpMethod.Post, $"people/{DemoAccounts.Person}/chats/{channel}/{account}/wrote", new { secondsAgo = 0 });

        Task PutAsync(string what, object body) => SendAsync(HttpMethod.Put, what, body);

        async Task SendAsync(HttpMethod method, string what, object body)
        {
            using var request = new HttpRequestMessage(method, $"/simulator/{what}") { Content = JsonContent.Create(body) };
            using var response = await http.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode) return;
            var said = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new StartUpException($"The phone's simulator at {phone.Address} refused {what}: {(int)response.StatusCode} {said}");
        }
    }

    // One callback an app, as at Meta, and a path for each channel here.
    private static string AppOf(string channel) => $"{DemoAccounts.App}-{channel}";
}
