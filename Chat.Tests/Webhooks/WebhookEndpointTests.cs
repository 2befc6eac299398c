using System.Net;
using System.Text;
using Chat.Core.Log;
using Chat.Core.Webhooks;
using Chat.Tests.Api;

namespace Chat.Tests.Webhooks;

/// <summary>What providers ask and post, over real HTTP.</summary>
public sealed class WebhookEndpointTests
{
    private const string Path = "/v1/webhooks/whatsapp";
    private const string Secret = WebhookSignatureTests.Secret;

    private static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");

    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Accounts:Apps:whatsapp:default:Secrets:0"] = Secret,
        ["Accounts:Apps:whatsapp:default:Secrets:1"] = "its successor",
        ["Accounts:Apps:whatsapp:default:VerifyTokens:0"] = "old token",
        ["Accounts:Apps:whatsapp:default:VerifyTokens:1"] = "new token",
        ["Accounts:Apps:whatsapp:partner:Secrets:0"] = "the partner's secret",
    };

    [Theory]
    [InlineData("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=old%20token", 200)]
    [InlineData("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=new%20token", 200)]
    [InlineData("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=another", 403)]
    [InlineData("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=", 403)]
    [InlineData("hub.mode=subscribe&hub.challenge=1158201444", 403)]
    [InlineData("hub.mode=unsubscribe&hub.challenge=1158201444&hub.verify_token=old%20token", 403)]
    [InlineData("hub.mode=subscribe&hub.verify_token=old%20token", 403)]
    [InlineData("hub.mode=subscribe&hub.challenge=a%0Ab&hub.verify_token=old%20token", 403)]
    [InlineData("", 403)]
    public async Task Question_when_its_token_is_the_apps_is_answered_with_the_bare_challenge(string query, int status)
    {
        await using var api = await ApiHost.StartAsync(new(Settings));

        var answer = await api.GetAsync($"{Path}?{query}");

        Assert.Equal(status, (int)answer.Status);
        if (status == 200) Assert.Equal(("text/plain", "1158201444"), (answer.ContentType, answer.Body));
    }

    [Theory]
    [InlineData("/v1/webhooks/pigeon")]
    [InlineData("/v1/webhooks/WhatsApp")]
    [InlineData("/v1/webhooks/instagram")]
    [InlineData("/v1/webhooks/whatsapp/nobody")]
    [InlineData("/v1/webhooks/whatsapp/456e7890-e89b-12d3-a456-426614174000")]
    public async Task Path_when_no_app_is_set_up_under_it_is_not_found(string path)
    {
        await using var api = await ApiHost.StartAsync(new(Settings));

        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(api, path, "{}", Sign("{}", Secret))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"{path}?hub.mode=subscribe")).Status);
    }

    [Fact]
    public async Task Post_when_it_is_signed_is_in_the_log_byte_by_byte_before_the_200()
    {
        await using var api = await ApiHost.StartAsync(new(Settings));

        (await PostAsync(api, Path, WebhookSignatureTests.Body, Sign(WebhookSignatureTests.Body, Secret))).Is(HttpStatusCode.OK);

        var kept = Assert.Single(await api.ReadAsync(Topics.Webhooks("whatsapp"), _ => true, 1));
        Assert.Equal(WebhookSignatureTests.Body, Encoding.UTF8.GetString(kept.Value.Span));
        Assert.Equal(("default", null), (kept.Header(HeaderNames.WebhookApp), kept.Header(HeaderNames.WebhookOrganization)));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("\"é 😀\"")]
    [InlineData("{\"object\":\"what comes next year\"}")]
    public async Task Post_when_it_cannot_be_understood_is_kept_all_the_same(string body)
    {
        await using var api = await ApiHost.StartAsync(new(Settings));

        (await PostAsync(api, Path, body, Sign(body, "its successor"))).Is(HttpStatusCode.OK);

        Assert.Equal(body, Encoding.UTF8.GetString((await api.ReadAsync(Topics.Webhooks("whatsapp"), _ => true, 1))[0].Value.Span));
    }

    [Fact]
    public async Task Post_when_its_signature_is_not_the_apps_is_refused_and_nothing_is_kept()
    {
        await using var api = await ApiHost.StartAsync(new(Settings));
        var body = WebhookSignatureTests.Body;
        string?[] wrong =
        [
            null, "", "sha256=", Sign(body, Secret)[..^1], Sign(body, Secret)[7..], Sign(body, "another's"), Sign(body + " ", Secret),
            Sign(body, "the partner's secret"),
        ];

        foreach (var signature in wrong)
        {
            var refused = await PostAsync(api, Path, body, signature);
            refused.IsProblem(HttpStatusCode.Unauthorized);
            Assert.DoesNotContain("Ol", refused.Body.Replace("Only", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }

        (await PostAsync(api, $"{Path}/partner", body, Sign(body, "the partner's secret"))).Is(HttpStatusCode.OK);
        var kept = Assert.Single(await api.ReadAsync(Topics.Webhooks("whatsapp"), _ => true, 1));
        Assert.Equal("partner", kept.Header(HeaderNames.WebhookApp));
    }

    [Fact]
    public async Task Post_of_a_thousand_updates_when_it_is_the_largest_that_a_provider_posts_is_taken()
    {
        await using var api = await ApiHost.StartAsync(new(Settings));
        var more = $",\"x\":\"{new string('y', 3000)}\"";
        var statuses = Enumerable.Range(0, 1000).Select(i => WebhookFixture.Status($"wamid.{i}", more: more));
        var body = WebhookFixture.WhatsApp($"\"statuses\":[{string.Join(',', statuses)}]");
        Assert.InRange(body.Length, 3_000_000, RawWebhook.MaxBytes);

        (await PostAsync(api, Path, body, Sign(body, Secret))).Is(HttpStatusCode.OK);
        (await PostAsync(api, Path, new string(' ', RawWebhook.MaxBytes + 1), Sign("", Secret)))
            .IsProblem(HttpStatusCode.RequestEntityTooLarge);

        var parts = await api.ReadAsync(Topics.Webhooks("whatsapp"), _ => true, 4);
        Assert.Equal(1000, parts.Sum(p => Described.WhatsAppBody(Encoding.UTF8.GetString(p.Value.Span)).Length));
    }

    [Fact]
    public async Task Post_when_it_says_another_content_type_is_taken_as_it_is()
    {
        await using var api = await ApiHost.StartAsync(new(Settings));

        var answer = await api.SendAsync(
            HttpMethod.Post,
            Path,
            token: null,
            new StringContent("{}", Encoding.UTF8, "text/plain"),
            request => request.Headers.Add(WebhookSignature.Header, Sign("{}", Secret)));

        answer.Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Nothing_of_a_webhook_is_logged()
    {
        await using var api = await ApiHost.StartAsync(new(Settings)
        {
            ["Logging:LogLevel:Default"] = "Trace",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace",
        });

        await PostAsync(api, Path, WebhookSignatureTests.Body, Sign(WebhookSignatureTests.Body, Secret));
        await PostAsync(api, Path, WebhookSignatureTests.Body, Sign("", Secret));
        foreach (var name in new[] { "hub.verify_token", "hub%2Everify_token", "HUB.VERIFY_TOKEN" })
            (await api.GetAsync($"{Path}?hub.mode=subscribe&hub.challenge=1&{name}=old%20token")).Is(HttpStatusCode.OK);
        await api.GetAsync($"/nothing?hub.verify_token=old%20token&hub.verify_token=new%20token");

        // The requests were logged, so that what is missing is the token alone.
        Assert.Contains(api.Logs.Lines, l => l.Contains("Request starting", StringComparison.Ordinal)
            && l.Contains("hub.challenge=1", StringComparison.Ordinal));
        var logged = string.Join('\n', api.Logs.Lines);
        Assert.DoesNotContain("5511900000002", logged, StringComparison.Ordinal);
        Assert.DoesNotContain(Sign(WebhookSignatureTests.Body, Secret), logged, StringComparison.Ordinal);
        Assert.DoesNotContain("old token", logged, StringComparison.Ordinal);
        Assert.DoesNotContain("old%20token", logged, StringComparison.Ordinal);
        Assert.DoesNotContain("new%20token", logged, StringComparison.Ordinal);
    }

    private static string Sign(string body, string secret) => WebhookSignature.Sign(Encoding.UTF8.GetBytes(body), secret);

    private static Task<Answer> PostAsync(ApiHost api, string path, string body, string? signature) => api.SendAsync(
        HttpMethod.Post,
        path,
        token: null,
        new ByteArrayContent(Encoding.UTF8.GetBytes(body)),
        request =>
        {
            if (signature is not null) request.Headers.TryAddWithoutValidation(WebhookSignature.Header, signature);
        });
}
