using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Chat.Tests.Api;

namespace Chat.Tests.MetaSimulator;

/// <summary>A link of a request that comes to nothing without it is not fetched.</summary>
public sealed class UnfetchedLinkTests : IAsyncLifetime
{
    private readonly TcpListener _host = new(IPAddress.Loopback, 0);
    private SimulatorRig _rig = null!;

    private string Link => $"http://{_host.LocalEndpoint}/a.png";

    public async ValueTask InitializeAsync()
    {
        _host.Start();
        _rig = await SimulatorRig.StartAsync();
        await _rig.OpenWindowsAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _rig.DisposeAsync();
        _host.Dispose();
    }

    [Theory]
    [InlineData("wrote", """{"secondsAgo":90000}""", 131047, 10)]
    [InlineData("block", """{"isBlocked":true}""", 131026, 551)]
    public async Task It_is_not_where_the_person_can_not_be_written_to(string what, string how, int onWhatsApp, int onInstagram)
    {
        var body = JsonElement.Parse(how);
        await _rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/{what}", body);
        await _rig.PhoneAsync($"chats/instagram/{SimulatorRig.InstagramId}/{what}", body);

        (await OnWhatsAppAsync()).Is(HttpStatusCode.OK);
        Assert.Equal(onInstagram, Code(await OnInstagramAsync()));
        await _rig.ToldAsync();

        Assert.Equal(onWhatsApp, _rig.Receiver.Items("statuses")[0].GetProperty("errors")[0].GetProperty("code").GetInt32());
        Assert.False(_host.Pending());
    }

    [Fact]
    public async Task It_is_not_where_an_error_was_planned()
    {
        foreach (var channel in new[] { "whatsapp", "instagram" })
            await _rig.ControlAsync(HttpMethod.Post, "errors", new { channel, code = 2, times = 1, byWebhook = false });

        Assert.Equal(2, Code(await OnWhatsAppAsync()));
        Assert.Equal(2, Code(await OnInstagramAsync()));
        Assert.False(_host.Pending());
    }

    [Fact]
    public async Task It_is_not_where_the_token_is_over_or_the_request_is_wrong()
    {
        Assert.Equal(100, Code(await OnWhatsAppAsync(to: null)));
        await _rig.ControlAsync(
            HttpMethod.Put,
            $"accounts/whatsapp/{SimulatorRig.Number}",
            new { accessToken = SimulatorRig.Token, accessTokenExpiresAt = DateTimeOffset.UtcNow.AddDays(-1) });

        Assert.Equal(190, Code(await OnWhatsAppAsync()));
        Assert.False(_host.Pending());
    }

    [Fact]
    public async Task It_is_not_where_an_account_sent_as_much_as_it_may()
    {
        await _rig.ControlAsync(HttpMethod.Put, $"accounts/whatsapp/{SimulatorRig.Number}", new { hasPairLimit = true });
        for (var i = 0; i < 45; i++) (await _rig.SendTextAsync($"{i}")).Is(HttpStatusCode.OK);

        Assert.Equal(131056, Code(await OnWhatsAppAsync()));
        Assert.False(_host.Pending());
    }

    private Task<Answer> OnWhatsAppAsync(string? to = SimulatorRig.Dialled) =>
        _rig.SendAsync(new { messaging_product = "whatsapp", to, type = "image", image = new { link = Link } });

    private Task<Answer> OnInstagramAsync() =>
        _rig.SendInstagramAsync(new { attachment = new { type = "image", payload = new { url = Link } } });

    private static int Code(Answer answer) => answer.Json.GetProperty("error").GetProperty("code").GetInt32();
}
