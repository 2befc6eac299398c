using System.Net;
using Chat.ServiceDefaults;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Api;

/// <summary>Who may read <c>/metrics</c>.</summary>
public sealed class MetricsAccessTests
{
    private const string Metrics = "/metrics";
    private const string ForwardedFor = "X-Forwarded-For";

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("192.168.1.5", true)]
    [InlineData("192.168.1.6", false)]
    [InlineData("11.1.2.3", false)]
    [InlineData("fd00::1", true)]
    [InlineData("fe00::1", false)]
    [InlineData(null, false)]
    public void It_is_for_this_machine_and_those_that_are_named(string? address, bool allowed)
    {
        Assert.Equal(allowed, Allows(address, Environments.Production));
        Assert.True(Allows(address, Environments.Development));
    }

    [Theory]
    [InlineData(null, HttpStatusCode.OK)]
    [InlineData("false", HttpStatusCode.NotFound)]
    public async Task Without_metrics_there_is_no_address_for_them(string? enabled, HttpStatusCode expected)
    {
        await using var api = await ApiHost.StartAsync(new() { ["Metrics:Enabled"] = enabled });

        (await api.GetAsync(Metrics)).Is(expected);
        (await api.GetAsync("/alive")).Is(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(ForwardedFor)]
    [InlineData("Forwarded")]
    [InlineData("Via")]
    [InlineData("X-Real-IP")]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X-Forwarded-Proto")]
    public void What_an_unknown_proxy_passes_on_is_a_strangers(string header) =>
        Assert.False(Allows("127.0.0.1", Environments.Production, header));

    [Theory]
    [InlineData(null, null, null, true)]
    [InlineData(null, null, "203.0.113.9", false)]
    [InlineData(null, null, "127.0.0.1", false)]
    [InlineData("127.0.0.1", null, "203.0.113.9", false)]
    [InlineData("127.0.0.1", "203.0.113.0/24", "203.0.113.9", true)]
    [InlineData("127.0.0.1", null, "127.0.0.1", true)]
    public async Task To_strangers_there_is_no_such_address(string? proxy, string? allowed, string? forwarded, bool isThere)
    {
        // As ASPNETCORE_FORWARDEDHEADERS_ENABLED sets it: by it the framework believes everybody, before anything of ours runs.
        var settings = new Dictionary<string, string?> { ["FORWARDEDHEADERS_ENABLED"] = "true" };
        if (proxy is not null) settings["Proxies:Known:0"] = proxy;
        if (allowed is not null) settings["Metrics:Allow:0"] = allowed;
        await using var api = await ApiHost.StartAsync(settings);

        var answer = await GetAsync(api, Metrics, forwarded);
        var unknown = await GetAsync(api, "/metric", forwarded);

        if (isThere) Assert.Contains("# TYPE", answer.Is(HttpStatusCode.OK).Body, StringComparison.Ordinal);
        else Assert.Equal((unknown.Status, unknown.ContentType), (answer.Status, answer.ContentType));
        Assert.Equal(isThere, answer.Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_known_proxy_that_does_not_say_for_whom_it_asks_asks_for_a_stranger()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Proxies:Known:0"] = "127.0.0.1" });

        var answer = await api.SendAsync(HttpMethod.Get, Metrics, token: null, content: null, request =>
        {
            request.Headers.Add("Via", "1.1 proxy");
            // The framework's sign that a proxy was believed, from a client.
            request.Headers.Add("X-Original-For", "127.0.0.1:1");
        });

        answer.Is(HttpStatusCode.NotFound);
    }

    private static bool Allows(string? address, string environment, string? header = null)
    {
        var options = new MetricsOptions { Allow = { "10.0.0.0/8", "192.168.1.5", "fd00::/8" } };
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
        if (header is not null) context.Request.Headers[header] = "127.0.0.1";
        return new MetricsAccess(Options.Create(options), new HostingEnvironment { EnvironmentName = environment }).Allows(context);
    }

    private static Task<Answer> GetAsync(ApiHost api, string path, string? forwarded) =>
        api.SendAsync(HttpMethod.Get, path, token: null, content: null, request =>
        {
            if (forwarded is null) return;
            request.Headers.Add(ForwardedFor, forwarded);
            request.Headers.Add("X-Forwarded-Proto", "https");
            request.Headers.Add("Via", "1.1 proxy");
        });
}
