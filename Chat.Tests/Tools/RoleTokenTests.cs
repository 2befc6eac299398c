using System.Net;
using Chat.Core.Ids;
using Chat.Tests.Api;
using Chat.Tools.Tokens;
using Microsoft.Extensions.Configuration;

namespace Chat.Tests.Tools;

public sealed class RoleTokenTests
{
    private static readonly Guid User = Guid.NewGuid();

    [Fact]
    public async Task It_opens_the_operators_view_under_the_users_id_and_can_be_revoked()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Jwt:Key"] = ApiHost.JwtKey,
            ["Jwt:Issuer"] = "desk",
            ["Jwt:Audience"] = "chat",
        };
        await using var api = await ApiHost.StartAsync(settings);

        var token = await RunAsync(settings, new(RoleTokenOptions.Operator, User, null, TimeSpan.FromMinutes(5)));

        (await api.GetAsync("/v1/operations", token)).Is(HttpStatusCode.OK);
        var claims = new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(token);
        Assert.Equal($"{User}", claims.Subject);
        Assert.NotNull(Uuid.ReadExact(claims.Id));
    }

    [Fact]
    public async Task An_administrators_opens_its_organizations_accounts_and_no_operators_view()
    {
        var settings = new Dictionary<string, string?> { ["Jwt:Key"] = ApiHost.JwtKey };
        await using var api = await ApiHost.StartAsync(settings);

        var token = await RunAsync(settings, new(RoleTokenOptions.Admin, User, Guid.NewGuid(), TimeSpan.FromMinutes(5)));

        (await api.GetAsync("/v1/accounts", token)).Is(HttpStatusCode.OK);
        (await api.GetAsync("/v1/operations", token)).IsProblem(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_folders_own_key_signs_it_where_no_setting_does()
    {
        var folder = ApiHost.NewFolder();
        try
        {
            await using var api = await ApiHost.StartAsync(new() { ["Jwt:Key"] = null }, "Development", folder);

            var token = await RunAsync([], new(RoleTokenOptions.Operator, User, null, TimeSpan.FromMinutes(5), folder));

            (await api.GetAsync("/v1/operations", token)).Is(HttpStatusCode.OK);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Without_a_key_it_says_what_to_set()
    {
        var options = new RoleTokenOptions(RoleTokenOptions.Operator, User, null, TimeSpan.FromMinutes(5));
        var missing = await Assert.ThrowsAsync<ArgumentException>(() => RunAsync([], options));
        Assert.Contains("Jwt:Key", missing.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(
            () => RunAsync(new() { ["Jwt:Key"] = "short" }, options));
    }

    private static async Task<string> RunAsync(Dictionary<string, string?> settings, RoleTokenOptions options)
    {
        await using var output = new StringWriter();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        Assert.Equal(0, await RoleTokenCommand.RunAsync(configuration, TimeProvider.System, options, output));
        return output.ToString().Trim();
    }
}
