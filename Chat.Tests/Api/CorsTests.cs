using System.ComponentModel.DataAnnotations;
using Chat.Api.Http;

namespace Chat.Tests.Api;

public sealed class CorsTests
{
    private static readonly AllowedOrigins Configured = new() { Origins = ["https://desk.example.com"] };

    [Theory]
    [InlineData("https://desk.example.com", true, true)]
    [InlineData("HTTPS://DESK.example.com", true, true)]
    [InlineData("http://desk.example.com", false, false)]
    [InlineData("https://desk.example.com:8443", false, false)]
    [InlineData("https://desk.example.com.evil.example", false, false)]
    [InlineData("http://localhost:3000", true, false)]
    [InlineData("http://127.0.0.1:3000", true, false)]
    [InlineData("http://[::1]:3000", true, false)]
    [InlineData("http://localhost.evil.example", false, false)]
    [InlineData("null", true, false)]
    public void An_origin_when_configured_is_allowed_and_this_machines_own_in_Development(
        string origin, bool development, bool production)
    {
        Assert.Equal(development, CorsExtensions.IsAllowed(origin, Configured, development: true));
        Assert.Equal(production, CorsExtensions.IsAllowed(origin, Configured, development: false));
    }

    [Theory]
    [InlineData("https://desk.example.com", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://desk.example.com/", false)]
    [InlineData("https://desk.example.com/app", false)]
    [InlineData("desk.example.com", false)]
    [InlineData("ftp://desk.example.com", false)]
    [InlineData("*", false)]
    [InlineData("", false)]
    public void A_setting_when_it_is_no_origin_is_refused_by_name(string origin, bool valid)
    {
        var errors = new List<ValidationResult>();
        var allowed = new AllowedOrigins { Origins = [origin] };

        Assert.Equal(valid, Validator.TryValidateObject(allowed, new(allowed), errors, validateAllProperties: true));

        if (!valid) Assert.Contains("Cors:Origins", Assert.Single(errors).ErrorMessage, StringComparison.Ordinal);
    }
}
