using System.Net;
using System.Net.Sockets;
using Chat.MetaSimulator.Media;
using Chat.Tests.Api;

namespace Chat.Tests.MetaSimulator;

/// <summary>What the simulator is not led to, and by whom it is not asked.</summary>
public sealed class SimulatorAccessTests : IAsyncLifetime
{
    private SimulatorRig _rig = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _rig = await SimulatorRig.StartAsync(localLinks: false);
        await _rig.OpenWindowsAsync();
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.0.9")]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("224.0.0.251")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:192.168.0.1")]
    [InlineData("64:ff9b::c0a8:1")]
    [InlineData("2002:c0a8:1::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456::1")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("ff02::1")]
    public void An_address_of_this_machine_or_its_network_is_none_of_the_internet(string address) =>
        Assert.False(PublicNetwork.Has(IPAddress.Parse(address)));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("2606:4700::1111")]
    public void An_address_of_the_internet_is_one(string address) => Assert.True(PublicNetwork.Has(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task Nothing_is_fetched_from_this_machine_and_nothing_told_of_it(string host)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        foreach (var port in new[] { ((IPEndPoint)listener.LocalEndpoint).Port, 1 })
        {
            var link = $"http://{host}:{port}/a.png";
            var sent = await _rig.SendAsync(
                new { messaging_product = "whatsapp", to = SimulatorRig.Dialled, type = "image", image = new { link } });
            sent.Is(HttpStatusCode.OK);
            var attachment = new { type = "image", payload = new { url = link } };
            Assert.Equal(2018008, Subcode(await _rig.SendInstagramAsync(new { attachment })));
            var kept = await _rig.PostAsync(
                $"/v25.0/{SimulatorRig.InstagramId}/message_attachments",
                new { message = new { attachment } },
                SimulatorRig.InstagramToken);
            Assert.Equal(2018008, Subcode(kept));
        }
        await _rig.ToldAsync();

        Assert.False(listener.Pending());
        var told = _rig.Receiver.Items("statuses").Select(s => s.GetProperty("errors")[0].GetProperty("error_data").GetRawText()).ToList();
        Assert.Equal(2, told.Count);
        // A port that is open and one that is not look alike.
        Assert.Single(told.Distinct());
    }

    [Theory]
    [InlineData("localhost:5080", HttpStatusCode.OK)]
    [InlineData("phone.localhost:5080", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("[::1]:5080", HttpStatusCode.OK)]
    [InlineData("rebound.example:5080", HttpStatusCode.BadRequest)]
    [InlineData("localhost.example", HttpStatusCode.BadRequest)]
    [InlineData("192.168.0.1", HttpStatusCode.BadRequest)]
    public async Task On_loopback_it_is_asked_by_a_name_of_loopback(string host, HttpStatusCode expected)
    {
        foreach (var path in new[] { "/simulator", "/phone" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = host;
            using var response = await _rig.RawAsync(request);
            Assert.Equal(expected, response.StatusCode);
        }
    }

    private static int Subcode(Answer answer) => answer.Json.GetProperty("error").GetProperty("error_subcode").GetInt32();
}
