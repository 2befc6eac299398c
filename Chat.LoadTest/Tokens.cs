using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Chat.LoadTest;

internal static class Tokens
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>A token as the API takes it.</summary>
    /// <param name="life">How long it is good; an hour where null.</param>
    public static string Mint(string key, Guid organization, Guid user, TimeSpan? life = null) =>
        new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Claims = new Dictionary<string, object> { ["sub"] = user.ToString(), ["tenant_id"] = organization.ToString() },
            Expires = DateTime.UtcNow + (life ?? Hour),
            SigningCredentials = new(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(key)), SecurityAlgorithms.HmacSha256),
        });
}
