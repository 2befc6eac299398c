using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Chat.Api.Auth;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Api;

/// <summary>Which tokens are taken. The tokens are put together by hand, so that nothing is checked by what made it.</summary>
public sealed class TokenReaderTests
{
    private const string Key = "a key that is long enough for HS256, by some";
    private const string Header = """{"alg":"HS256","typ":"JWT"}""";

    private static readonly DateTimeOffset Now = new(2026, 1, 15, 10, 30, 0, TimeSpan.Zero);
    private static readonly Guid User = Guid.Parse("789e1234-e89b-12d3-a456-426614174000");
    private static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");

    private readonly FakeTimeProvider _time = new(Now);

    [Fact]
    public async Task A_token_names_its_user_its_organization_and_its_end()
    {
        var user = await ReadAsync(Token(Claims()));

        Assert.Equal(new ChatUser(User, Organization, Now.AddMinutes(5)), user);
    }

    [Fact]
    public async Task A_token_with_what_it_calls_critical_is_refused() =>
        Assert.Null(await ReadAsync(Token(Claims(), """{"alg":"HS256","typ":"JWT","crit":["b64"],"b64":true}""")));

    [Theory]
    [InlineData("\"é✓ 1\"", true, "é✓ 1")]
    [InlineData("\"\"", false, null)]
    [InlineData("null", false, null)]
    [InlineData("1", false, null)]
    [InlineData("[\"1\"]", false, null)]
    [InlineData("\"1\",\"jti\":\"2\"", false, null)]
    public async Task An_id_by_which_a_token_can_be_revoked_is_one_text(string jti, bool taken, string? id)
    {
        var user = await ReadAsync(Token(Claims().Replace("{", $$"""{"jti":{{jti}},""", StringComparison.Ordinal)));

        Assert.Equal((taken, id), (user is not null, user?.TokenId));
    }

    [Theory]
    [InlineData("\"admin\"", true, false)]
    [InlineData("[\"admin\",\"operator\"]", true, true)]
    [InlineData("\"operator\"", false, true)]
    [InlineData("\"administrator\"", false, false)]
    public async Task Roles_are_read_each_by_itself(string role, bool isAdmin, bool isOperator)
    {
        var user = await ReadAsync(Token(Claims().Replace("{", $$"""{"role":{{role}},""", StringComparison.Ordinal)));

        Assert.Equal((isAdmin, isOperator), (user!.IsAdmin, user.IsOperator));
    }

    [Theory]
    [InlineData("\"operator\"", true)]
    [InlineData("[\"reader\",\"operator\",1]", true)]
    [InlineData("\"Operator\"", false)]
    [InlineData("\"operators\"", false)]
    [InlineData("[[\"operator\"]]", false)]
    [InlineData("{\"operator\":true}", false)]
    [InlineData("null", false)]
    [InlineData("1", false)]
    public async Task An_operators_role_is_one_text_or_one_of_several_and_any_other_takes_nothing_away(string role, bool isOperator)
    {
        var user = await ReadAsync(Token(Claims().Replace("{", $$"""{"role":{{role}},""", StringComparison.Ordinal)));

        Assert.Equal((User, Organization, isOperator), (user!.UserId, user.OrganizationId, user.IsOperator));
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public async Task An_id_that_could_not_be_revoked_for_its_length_is_refused(int length, bool taken) =>
        Assert.Equal(taken, await ReadAsync(Token(Claims().Replace(
            "{", $$"""{"jti":"{{new string('i', length)}}",""", StringComparison.Ordinal))) is not null);

    [Fact]
    public async Task The_user_may_stand_in_nameid() =>
        Assert.Equal(User, (await ReadAsync(Token($$"""{"nameid":"{{User}}","exp":{{In(300)}}}""")))?.UserId);

    [Fact]
    public async Task A_sub_that_is_no_uuid_gives_way_to_nameid() =>
        Assert.Equal(User, (await ReadAsync(Token($$"""{"sub":"auth0|1","nameid":"{{User}}","exp":{{In(300)}}}""")))?.UserId);

    [Fact]
    public async Task A_users_id_of_zeros_is_an_id_as_any_other() =>
        Assert.Equal(Guid.Empty, (await ReadAsync(Token($$"""{"sub":"{{Guid.Empty}}","exp":{{In(300)}}}""")))?.UserId);

    [Fact]
    public async Task A_token_may_have_no_organization() =>
        Assert.Equal(new ChatUser(User, null, Now.AddMinutes(5)), await ReadAsync(Token($$"""{"sub":"{{User}}","exp":{{In(300)}}}""")));

    [Fact]
    public async Task A_token_ends_at_exp_and_the_clocks_difference()
    {
        var token = Token(Claims());

        _time.SetUtcNow(Now.AddSeconds(304));
        Assert.NotNull(await ReadAsync(token));
        _time.SetUtcNow(Now.AddSeconds(306));
        Assert.Null(await ReadAsync(token));
    }

    [Fact]
    public async Task A_token_that_begins_later_is_refused_until_then()
    {
        var token = Token($$"""{"sub":"{{User}}","nbf":{{In(60)}},"exp":{{In(300)}}}""");

        Assert.Null(await ReadAsync(token));
        _time.SetUtcNow(Now.AddSeconds(60));
        Assert.NotNull(await ReadAsync(token));
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "no exp", $$"""{"sub":"{{User}}"}""" },
        { "exp that is no number", $$"""{"sub":"{{User}}","exp":"soon"}""" },
        { "exp before the epoch", $$"""{"sub":"{{User}}","exp":-1}""" },
        { "no user", $$"""{"exp":{{In(300)}}}""" },
        { "sub that is no UUID", $$"""{"sub":"admin","exp":{{In(300)}}}""" },
        { "sub that is an object", $$"""{"sub":{"id":"{{User}}"},"exp":{{In(300)}}}""" },
        { "sub that is null", $$"""{"sub":null,"exp":{{In(300)}}}""" },
        { "tenant that is no UUID", $$"""{"sub":"{{User}}","tenant_id":"acme","exp":{{In(300)}}}""" },
        { "tenant in an array", $$"""{"sub":"{{User}}","tenant_id":["{{Organization}}"],"exp":{{In(300)}}}""" },
        { "two tenants in an array", $$"""{"sub":"{{User}}","tenant_id":["{{Organization}}","{{User}}"],"exp":{{In(300)}}}""" },
        { "tenant twice", $$"""{"sub":"{{User}}","tenant_id":"{{Organization}}","tenant_id":"{{User}}","exp":{{In(300)}}}""" },
        { "tenant of zeros", $$"""{"sub":"{{User}}","tenant_id":"{{Guid.Empty}}","exp":{{In(300)}}}""" },
        { "user in an array", $$"""{"sub":["{{User}}"],"exp":{{In(300)}}}""" },
        { "tenant that is empty", $$"""{"sub":"{{User}}","tenant_id":"","exp":{{In(300)}}}""" },
        { "claims that are no object", "[]" },
        { "claims that are no JSON", "sub" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_token_with_bad_claims_is_refused(string what, string claims)
    {
        Assert.NotEmpty(what);
        Assert.Null(await ReadAsync(Token(claims)));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    [InlineData("RS256")]
    [InlineData("")]
    public async Task Another_algorithm_than_HS256_is_refused_even_with_the_right_signature(string algorithm)
    {
        Assert.Null(await ReadAsync(Token(Claims(), $$"""{"alg":"{{algorithm}}","typ":"JWT"}""")));
        Assert.Null(await ReadAsync($"{Encode($$"""{"alg":"{{algorithm}}"}""")}.{Encode(Claims())}."));
    }

    [Fact]
    public async Task A_token_signed_with_another_key_is_refused() =>
        Assert.Null(await ReadAsync(Token(Claims(), key: "another key that is long enough for HS256")));

    [Fact]
    public async Task A_token_whose_claims_were_changed_is_refused()
    {
        var parts = Token(Claims()).Split('.');
        var changed = Encode(Claims().Replace(User.ToString(), Organization.ToString(), StringComparison.Ordinal));

        Assert.Null(await ReadAsync($"{parts[0]}.{changed}.{parts[2]}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("seu-token-aqui")]
    [InlineData("a.b.c")]
    [InlineData("a.b.c.d.e")]
    [InlineData("....")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.a.b.c.d")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.YQ.YQ.YQ.YQ")]
    [InlineData("eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..a.b.c")]
    [InlineData("\0\n")]
    public async Task What_is_no_token_is_refused(string token) => Assert.Null(await ReadAsync(token));

    [Fact]
    public async Task A_token_of_any_length_is_refused_or_read_and_never_thrown_at() =>
        Assert.Null(await ReadAsync(Token($$"""{"sub":"{{User}}","exp":{{In(300)}},"x":"{{new string('x', 100_000)}}"}""")));

    [Theory]
    [InlineData("chat", "web", true)]
    [InlineData("other", "web", false)]
    [InlineData("chat", "other", false)]
    public async Task Issuer_and_audience_are_checked_where_they_are_configured(string issuer, string audience, bool taken)
    {
        var claims = $$"""{"sub":"{{User}}","iss":"{{issuer}}","aud":"{{audience}}","exp":{{In(300)}}}""";
        var options = new JwtOptions { Key = Key, Issuer = "chat", Audience = "web" };

        Assert.Equal(taken, await ReadAsync(Token(claims), options) is not null);
        Assert.NotNull(await ReadAsync(Token(claims)));
    }

    [Fact]
    public async Task A_token_without_issuer_or_audience_is_refused_where_they_are_configured()
    {
        Assert.Null(await ReadAsync(Token(Claims()), new JwtOptions { Key = Key, Issuer = "chat" }));
        Assert.Null(await ReadAsync(Token(Claims()), new JwtOptions { Key = Key, Audience = "web" }));
    }

    [Fact]
    public async Task What_the_development_endpoint_mints_is_taken()
    {
        var options = new JwtOptions { Key = Key, Issuer = "chat", Audience = "web" };

        var token = MintToken.Mint(options, User, Organization, Now.AddMinutes(5), Guid.NewGuid());

        var user = await ReadAsync(token, options);
        Assert.Equal(new ChatUser(User, Organization, Now.AddMinutes(5)), user! with { TokenId = null });
        // So that it can be revoked.
        Assert.NotNull(user.TokenId);
    }

    private ValueTask<ChatUser?> ReadAsync(string token, JwtOptions? options = null) =>
        new TokenReader(Options.Create(options ?? new JwtOptions { Key = Key }), _time, NullLogger<TokenReader>.Instance)
            .ReadAsync(token, TestContext.Current.CancellationToken);

    private static string Claims() => $$"""{"sub":"{{User}}","tenant_id":"{{Organization}}","exp":{{In(300)}}}""";

    private static long In(int seconds) => Now.AddSeconds(seconds).ToUnixTimeSeconds();

    private static string Token(string claims, string header = Header, string key = Key)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(signed));
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
