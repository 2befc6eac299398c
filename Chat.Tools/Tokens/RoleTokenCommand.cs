using System.Security.Claims;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Chat.Tools.Tokens;

/// <summary>Makes a token with a role, where a key signs tokens; where an issuer does, it gives the role.</summary>
public static class RoleTokenCommand
{
    // As the API calls it.
    private const string KeyFile = "jwt.key";
    private const int LeastKeyBytes = 32;

    public static Task<int> RunAsync(RoleTokenOptions options, TextWriter output, CancellationToken cancellationToken) =>
        RunAsync(Host.CreateApplicationBuilder().Configuration, TimeProvider.System, options, output);

    /// <exception cref="ArgumentException">There is no key to sign it with.</exception>
    public static async Task<int> RunAsync(
        IConfiguration configuration, TimeProvider time, RoleTokenOptions options, TextWriter output)
    {
        var key = Encoding.UTF8.GetBytes(configuration["Jwt:Key"] is { Length: > 0 } set ? set : ReadKey(options.Data));
        if (key.Length < LeastKeyBytes) throw new ArgumentException($"Jwt:Key has {key.Length} bytes; {LeastKeyBytes} are the least.");
        var descriptor = new SecurityTokenDescriptor
        {
            Subject = new ClaimsIdentity(
            [
                new("sub", options.User.ToString("D")),
                new("role", options.Role),
                // By which it can be revoked.
                new("jti", Guid.CreateVersion7().ToString("D")),
                .. options.Organization is { } organization ? [new Claim("tenant_id", organization.ToString("D"))] : Array.Empty<Claim>(),
            ]),
            Expires = (time.GetUtcNow() + options.Lifetime).UtcDateTime,
            Issuer = configuration["Jwt:Issuer"],
            Audience = configuration["Jwt:Audience"],
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(key), SecurityAlgorithms.HmacSha256),
        };
        await output.WriteLineAsync(new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor));
        return 0;
    }

    private static string ReadKey(string? dataFolder) =>
        dataFolder is not null && Path.Combine(dataFolder, KeyFile) is var file && File.Exists(file)
            ? File.ReadAllText(file).Trim()
            : throw new ArgumentException(
                "No key signs tokens here: set Jwt:Key as the API has it (the environment variable Jwt__Key), or name by --data the folder "
                + "of a Chat.Standalone that made one. Where Jwt:Authority is set, its issuer gives the claim role.");
}
