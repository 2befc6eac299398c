using System.Net;
using System.Text.Json;
using Chat.Connectors;
using Chat.Core.Accounts;
using Chat.Core.Ids;
using Chat.Core.Providers;
using Chat.RouterWorker;
using Chat.StatusWorker;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Chat.Tests.MetaSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Connectors.Sending;

/// <summary>From the POST to a phone: all services on the embedded engines, and a Graph API over real HTTP.</summary>
public sealed class SendingToSimulatorTests : IAsyncLifetime
{
    private readonly Desk _desk = new();
    private SimulatorRig _meta = null!;
    private ApiHost _host = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _meta = await SimulatorRig.StartAsync();
        await _meta.OpenWindowsAsync();
        _host = await ApiHost.StartAsync(
            new()
            {
                ["Providers:WhatsApp:BaseUrl"] = _meta.Simulator.Address.ToString(),
                ["Providers:Instagram:BaseUrl"] = _meta.Simulator.Address.ToString(),
                ["Connectors:HeldInterval"] = "00:00:00.100",
                ["Accounts:Own:0:Channel"] = "whatsapp",
                ["Accounts:Own:0:AccountId"] = SimulatorRig.Number,
                ["Accounts:Own:0:OrganizationId"] = _desk.Organization.ToString(),
                ["Accounts:Own:0:BusinessId"] = SimulatorRig.Waba,
                ["Accounts:Own:0:AccessToken"] = SimulatorRig.Token,
                ["Accounts:Own:1:Channel"] = "instagram",
                ["Accounts:Own:1:AccountId"] = SimulatorRig.InstagramId,
                ["Accounts:Own:1:OrganizationId"] = _desk.Organization.ToString(),
                ["Accounts:Own:1:AccessToken"] = SimulatorRig.InstagramToken,
            },
            configure: builder =>
            {
                builder.AddRouterWorker();
                builder.AddStatusWorker();
                builder.AddConnectors();
            });
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _meta.DisposeAsync();
    }

    [Fact]
    public async Task A_text_on_WhatsApp_reaches_the_phone_with_our_id_and_its_own_is_known()
    {
        var message = await PostAsync("whatsapp", SimulatorRig.Dialled);
        var taken = await TakenAsync(message);
        Assert.Equal("Olá, mundo!", taken.GetProperty("text").GetString());
        var id = new ProviderId("whatsapp", taken.GetProperty("id").GetString()!, SimulatorRig.Number);
        await Until.TrueAsync(
            async () => (await _host.Store.ProviderIds.FindByProviderIdsAsync([id], Cancelled)).TryGetValue(id, out var key)
                && key == new MessageKey(_desk.Conversation, message),
            "the provider's id is known");
    }

    [Fact]
    public async Task A_text_on_Instagram_is_SENT_with_the_answer()
    {
        var message = await PostAsync("instagram", SimulatorRig.Igsid);
        await StatusAsync(message, "SENT");
        Assert.Single(await _meta.TakenAsync());
    }

    [Fact]
    public async Task What_the_provider_refuses_has_failed_and_says_why()
    {
        var message = await PostAsync("instagram", "12345");
        var failed = await StatusAsync(message, "FAILED");
        Assert.Contains("(Instagram 100", failed.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Empty(await _meta.TakenAsync());
    }

    [Fact]
    public async Task An_account_with_a_dead_token_keeps_its_messages_until_it_works_again()
    {
        using (var revoke = new HttpRequestMessage(HttpMethod.Delete, $"/simulator/accounts/whatsapp/{SimulatorRig.Number}/tokens"))
            Assert.True((await _meta.RawAsync(revoke)).IsSuccessStatusCode);
        var accounts = _host.App.Services.GetRequiredService<IAccounts>();
        var key = new AccountKey("whatsapp", SimulatorRig.Number);
        var first = await PostAsync("whatsapp", SimulatorRig.Dialled);
        await Until.TrueAsync(
            async () => (await accounts.FindAsync(key, Cancelled))!.Account.State == AccountState.NeedsAttention, "the account stops");
        var second = await PostAsync("whatsapp", SimulatorRig.Dialled);
        var holds = _host.App.Services.GetRequiredService<IHeldMessages>();
        await Until.TrueAsync(async () => (await holds.ListHeldAsync(key, null, 10, Cancelled)).Count == 2, "both are held");

        await _meta.ControlAsync(HttpMethod.Put, $"accounts/whatsapp/{SimulatorRig.Number}", new
        {
            businessId = SimulatorRig.Waba,
            displayName = "+55 11 3000-0001",
            app = "tests",
            accessToken = SimulatorRig.Token,
        });
        await accounts.SetAttentionAsync(key, null, Cancelled);

        await TakenAsync(first);
        await TakenAsync(second);
        Assert.Equal(
            [$"{first:D}", $"{second:D}"], (await _meta.TakenAsync()).Select(t => t.GetProperty("opaqueData").GetString()));
        await Until.TrueAsync(async () => (await holds.ListHeldAsync(key, null, 10, Cancelled)).Count == 0, "none is held");
    }

    private async Task<Guid> PostAsync(string channel, string recipient)
    {
        var body = _desk.Body(more: $",\"canal\":\"{channel}\",\"destinatario\":\"{recipient}\"");
        var posted = await _host.PostAsync("/v1/messages", _desk.Token, body);
        return posted.Is(HttpStatusCode.Accepted).Json.GetProperty("messageId").GetGuid();
    }

    private async Task<JsonElement> TakenAsync(Guid message)
    {
        JsonElement found = default;
        await Until.TrueAsync(
            async () =>
            {
                found = (await _meta.TakenAsync()).FirstOrDefault(t => t.GetProperty("opaqueData").GetString() == $"{message:D}");
                return found.ValueKind == JsonValueKind.Object;
            },
            "the phone has it");
        return found;
    }

    private async Task<JsonElement> StatusAsync(Guid message, string status)
    {
        JsonElement shown = default;
        await Until.TrueAsync(
            async () =>
            {
                var answer = await _host.GetAsync($"/v1/messages/{message}", _desk.Token);
                // The router may be slower than a reader waits.
                if (answer.Status == HttpStatusCode.NotFound) return false;
                shown = answer.Is(HttpStatusCode.OK).Json;
                return shown.GetProperty("status").GetString() == status;
            },
            status);
        return shown;
    }
}
