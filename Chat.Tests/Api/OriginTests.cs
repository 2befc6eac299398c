using System.ComponentModel.DataAnnotations;
using Chat.Api.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Api;

/// <summary>Which origins are let in where, and how an origin may be spelled.</summary>
public sealed class OriginTests
{
    [Theory]
    [InlineData("https://desk.example.com", true, true)]
    [InlineData("HTTPS://DESK.example.com", true, true)]
    [InlineData("https://desk.example.com:443", true, true)]
    [InlineData("https://xn--mnchen-3ya.example", true, true)]
    [InlineData("http://desk.example.com", false, false)]
    [InlineData("https://desk.example.com:8443", false, false)]
    [InlineData("https://desk.example.com.evil.example", false, false)]
    [InlineData("https://desk.example.com@evil.example", false, false)]
    [InlineData("http://localhost:3000", true, false)]
    [InlineData("http://127.0.0.1:3000", true, false)]
    [InlineData("http://[::1]:3000", true, false)]
    [InlineData("http://localhost.evil.example", false, false)]
    [InlineData("null", true, false)]
    [InlineData("file://", false, false)]
    [InlineData("", false, false)]
    public void An_origin_when_configured_is_allowed_and_this_machines_own_in_Development(
        string origin, bool development, bool production)
    {
        Assert.Equal(development, Policy("Development").Allows(origin));
        Assert.Equal(production, Policy("Production").Allows(origin));
    }

    [Theory]
    [InlineData("chat.example.com", null, true)]
    [InlineData("chat.example.com", "https://chat.example.com", true)]
    [InlineData("chat.example.com:443", "https://chat.example.com", true)]
    [InlineData("Chat.Example.com", "https://chat.example.com:443", true)]
    [InlineData("chat.example.com:5000", "http://chat.example.com:5000", true)]
    [InlineData("[::1]:5000", "http://[::1]:5000", true)]
    [InlineData("chat.example.com", "https://desk.example.com", true)]
    [InlineData("chat.example.com", "https://chat.example.com:8443", false)]
    [InlineData("chat.example.com", "https://example.com", false)]
    [InlineData("chat.example.com", "https://evil.example", false)]
    [InlineData("chat.example.com", "null", false)]
    [InlineData("chat.example.com", "", false)]
    [InlineData("chat.example.com", "file://", false)]
    [InlineData("localhost:5000", "http://localhost:3000", false)]
    [InlineData("", "http://localhost:3000", false)]
    public void A_socket_when_a_page_asks_is_for_the_hosts_own_pages_and_those_configured(string host, string? origin, bool allowed) =>
        Assert.Equal(allowed, Policy("Production").AllowsSocket(Request(host, origin)));

    [Theory]
    [InlineData("localhost:5000", null, true)]
    [InlineData("localhost:5000", "http://localhost:5000", true)]
    [InlineData("192.168.1.9:5000", "http://192.168.1.9:5000", true)]
    [InlineData("localhost:5000", "https://desk.example.com", true)]
    [InlineData("localhost:5000", "http://localhost:3000", false)]
    [InlineData("localhost:5000", "http://127.0.0.1:5000", false)]
    [InlineData("localhost:5000", "file://", false)]
    [InlineData("localhost:5000", "null", false)]
    [InlineData("evil.example:5000", "http://evil.example:5000", false)]
    [InlineData("localhost:5000", "http://192.168.1.9:5000", false)]
    public void A_token_when_a_page_asks_is_for_the_hosts_own_pages_and_those_configured(string host, string? origin, bool allowed) =>
        Assert.Equal(allowed, Policy("Development").AllowsToken(Request(host, origin)));

    [Fact]
    public void Two_origins_at_once_are_nobodys()
    {
        var request = Request("chat.example.com", origin: null);
        request.Headers.Origin = new(["https://chat.example.com", "https://evil.example"]);

        Assert.False(Policy("Production").AllowsSocket(request));
        Assert.False(Policy("Development").AllowsToken(request));
    }

    [Theory]
    [InlineData("https://desk.example.com", "https://desk.example.com")]
    [InlineData("HTTPS://Desk.Example.COM", "https://desk.example.com")]
    [InlineData("https://desk.example.com/", "https://desk.example.com")]
    [InlineData("https://desk.example.com:443/", "https://desk.example.com")]
    [InlineData("http://desk.example.com:80", "http://desk.example.com")]
    [InlineData("https://desk.example.com:8443", "https://desk.example.com:8443")]
    [InlineData("https://münchen.example", "https://xn--mnchen-3ya.example")]
    [InlineData("http://localhost:3000", "http://localhost:3000")]
    [InlineData("http://[::1]:3000", "http://[::1]:3000")]
    [InlineData("https://desk.example.com/app", null)]
    [InlineData("https://desk.example.com//", null)]
    [InlineData("https://desk.example.com?", null)]
    [InlineData("https://desk.example.com#", null)]
    [InlineData("https://ann@desk.example.com", null)]
    [InlineData("https://@desk.example.com", null)]
    [InlineData(" https://desk.example.com", null)]
    [InlineData("https:desk.example.com", null)]
    [InlineData("https:\\\\desk.example.com", null)]
    [InlineData("desk.example.com", null)]
    [InlineData("ftp://desk.example.com", null)]
    [InlineData("file://", null)]
    [InlineData("https://*.example.com", null)]
    [InlineData("https://", null)]
    [InlineData("null", null)]
    [InlineData("*", null)]
    [InlineData("", null)]
    public void A_setting_in_whatever_spelling_is_one_origin_and_anything_else_is_refused_by_name(string setting, string? origin)
    {
        var errors = new List<ValidationResult>();
        var allowed = new AllowedOrigins { Origins = [setting] };

        Assert.Equal(origin, WebOrigin.Normalize(setting));
        Assert.Equal(origin is not null, Validator.TryValidateObject(allowed, new(allowed), errors, validateAllProperties: true));

        if (origin is null) Assert.Contains($"Cors:Origins: \"{setting}\"", Assert.Single(errors).ErrorMessage, StringComparison.Ordinal);
    }

    private static OriginPolicy Policy(string environment) => new(
        Options.Create(new AllowedOrigins { Origins = ["HTTPS://Desk.example.com:443/", "https://münchen.example"] }),
        new Named(environment));

    private static HttpRequest Request(string host, string? origin)
    {
        var request = new DefaultHttpContext().Request;
        (request.Scheme, request.Host) = ("http", new HostString(host));
        if (origin is not null) request.Headers.Origin = origin;
        return request;
    }

    private sealed class Named(string environment) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = environment;

        public string ApplicationName { get; set; } = "";

        public string ContentRootPath { get; set; } = "";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
