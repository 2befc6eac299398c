using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Chat.Api.Auth;
using Chat.Api.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Api;

/// <summary>Tokens of an OpenID Connect issuer, whose document and keys are served here.</summary>
public sealed class AuthorityTests : IAsyncLifetime
{
    private static readonly Guid User = Guid.Parse("789e1234-e89b-12d3-a456-426614174000");

    private readonly RSA _rsa = RSA.Create(2048);
    private WebApplication _issuer = null!;
    private string _address = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _issuer = builder.Build();
        _issuer.MapGet("/.well-known/openid-configuration", () => Results.Text(
            $$"""{"issuer":"{{_address}}","jwks_uri":"{{_address}}/keys"}""", "application/json"));
        var key = _rsa.ExportParameters(false);
        var (modulus, exponent) = (Base64Url.EncodeToString(key.Modulus), Base64Url.EncodeToString(key.Exponent));
        _issuer.MapGet("/keys", () => Results.Text(
            $$"""{"keys":[{"kty":"RSA","use":"sig","kid":"1","n":"{{modulus}}","e":"{{exponent}}"}]}""", "application/json"));
        await _issuer.StartAsync();
        _address = _issuer.Urls.First();
    }

    public async ValueTask DisposeAsync()
    {
        await _issuer.DisposeAsync();
        _rsa.Dispose();
    }

    [Fact]
    public async Task A_token_signed_with_a_published_key_is_taken() =>
        Assert.Equal(User, (await ReadAsync(Rs256(Claims(_address))))?.UserId);

    [Fact]
    public async Task Another_issuers_name_is_refused() => Assert.Null(await ReadAsync(Rs256(Claims("https://evil.example"))));

    [Fact]
    public async Task A_token_without_exp_is_refused() =>
        Assert.Null(await ReadAsync(Rs256($$"""{"sub":"{{User}}","iss":"{{_address}}"}""")));

    [Fact]
    public async Task A_token_signed_with_a_key_that_is_not_published_is_refused()
    {
        using var other = RSA.Create(2048);

        Assert.Null(await ReadAsync(Rs256(Claims(_address), other)));
    }

    [Fact]
    public async Task The_public_key_as_a_secret_opens_nothing()
    {
        var signed = $"{Encode("""{"alg":"HS256","typ":"JWT","kid":"1"}""")}.{Encode(Claims(_address))}";
        var secret = Encoding.UTF8.GetBytes(_rsa.ExportSubjectPublicKeyInfoPem());

        Assert.Null(await ReadAsync($"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(signed)))}"));
    }

    [Fact]
    public async Task An_authority_that_does_not_answer_is_no_verdict_on_the_token()
    {
        await _issuer.StopAsync(TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<UnavailableException>(async () => await ReadAsync(Rs256(Claims(_address))));
    }

    private ValueTask<ChatUser?> ReadAsync(string token) =>
        new TokenReader(Options.Create(new JwtOptions { Authority = _address }), TimeProvider.System, NullLogger<TokenReader>.Instance)
            .ReadAsync(token, TestContext.Current.CancellationToken);

    private static string Claims(string issuer) =>
        $$"""{"sub":"{{User}}","iss":"{{issuer}}","exp":{{DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds()}}}""";

    private string Rs256(string claims, RSA? key = null)
    {
        var signed = $"{Encode("""{"alg":"RS256","typ":"JWT","kid":"1"}""")}.{Encode(claims)}";
        var signature = (key ?? _rsa).SignData(Encoding.UTF8.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
