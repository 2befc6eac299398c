using System.Net;
using System.Net.Http.Json;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.MetaSimulator.Hosting;

namespace Chat.Tests.Api;

/// <summary>Files that people sent, from the provider: for their organization alone, and as nothing that a browser runs.</summary>
public sealed class MediaTests : IAsyncLifetime
{
    private const string Account = "700800900";
    private const string Token = "EAAG-of-the-desk";
    private const int Most = 1_000;

    private readonly HttpClient _http = new();
    private LoopbackSimulator _simulator = null!;
    private ApiHost _api = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Desk Desk { get; } = new();

    public async ValueTask InitializeAsync()
    {
        _simulator = await LoopbackSimulator.StartAsync(cancellationToken: Cancellation);
        _http.BaseAddress = _simulator.Address;
        _http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        using var put = await _http.PutAsJsonAsync(
            $"/simulator/accounts/whatsapp/{Account}", new { accessToken = Token, businessId = "900100200" }, Cancellation);
        put.EnsureSuccessStatusCode();
        _api = await ApiHost.StartAsync(new()
        {
            ["Providers:WhatsApp:BaseUrl"] = _simulator.Address.GetLeftPart(UriPartial.Authority),
            ["Providers:WhatsApp:MaxFileBytes"] = $"{Most}",
            ["Providers:Instagram:BaseUrl"] = _simulator.Address.GetLeftPart(UriPartial.Authority),
            ["Accounts:Own:0:Channel"] = "whatsapp",
            ["Accounts:Own:0:AccountId"] = Account,
            ["Accounts:Own:0:OrganizationId"] = $"{Desk.Organization}",
            ["Accounts:Own:0:AccessToken"] = Token,
            ["Accounts:Own:1:Channel"] = "instagram",
            ["Accounts:Own:1:AccountId"] = "17841400000000001",
            ["Accounts:Own:1:OrganizationId"] = $"{Desk.Organization}",
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _simulator.DisposeAsync();
        _http.Dispose();
    }

    [Theory]
    [InlineData("image/jpeg", "foto da nota.jpg", "image/jpeg", "foto da nota.jpg")]
    [InlineData("application/pdf", "../../etc/a.pdf", "application/pdf", "_.._etc_a.pdf")]
    // What a browser might run is bytes.
    [InlineData("text/html", "a.html", "application/octet-stream", "a.html")]
    [InlineData("image/svg+xml", "a.svg", "application/octet-stream", "a.svg")]
    public async Task A_file_comes_as_it_is_with_headers_that_keep_it_a_file(string type, string name, string givenAs, string savedAs)
    {
        byte[] bytes = [.. Enumerable.Range(0, Most).Select(i => (byte)i)];
        var message = await AddAsync($$$"""{"midia":{"id":"{{{Keep(bytes, type)}}}","nomeArquivo":"{{{name}}}"}}""");

        using var response = await GetAsync(message, Desk.Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(bytes, await response.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal(givenAs, response.Content.Headers.ContentType?.ToString());
        var disposition = response.Content.Headers.ContentDisposition!;
        Assert.Equal(("attachment", savedAs), (disposition.DispositionType, disposition.FileName?.Trim('"')));
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("sandbox; default-src 'none'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
        Assert.True(response.Headers.CacheControl!.Private);
    }

    [Fact]
    public async Task A_file_is_nobodys_but_its_organizations()
    {
        var message = await AddAsync($$$"""{"midia":{"id":"{{{Keep([1], "image/png")}}}"}}""");

        foreach (var token in new[] { new Desk().Token, ApiHost.Token(Desk.User, organization: null) })
        {
            using var response = await GetAsync(message, token);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("""{"texto":"Oi"}""")]
    [InlineData("""{"midia":{"id":"123456789012345"}}""")]
    [InlineData("""{"midia":{"id":"../../debug_token"}}""")]
    [InlineData("""{"midia":{"link":"http://127.0.0.1:1/x"}}""")]
    [InlineData("""{"midia":"x"}""")]
    public async Task A_message_without_a_file_that_the_provider_has_is_404(string content)
    {
        using var response = await GetAsync(await AddAsync(content), Desk.Token);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_file_that_the_desk_sent_is_not_the_providers_to_give()
    {
        var content = $$$"""{"midia":{"id":"{{{Keep([1], "image/png")}}}"}}""";
        using var response = await GetAsync(await AddAsync(content, MessageDirection.Outbound), Desk.Token);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_not_passed_on()
    {
        var message = await AddAsync($$$"""{"midia":{"id":"{{{Keep(new byte[Most + 1], "image/png")}}}"}}""");

        using var response = await GetAsync(message, Desk.Token);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("too large", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_gives_nothing_now_is_503_and_may_be_asked_again()
    {
        var message = await AddAsync($$$"""{"midia":{"id":"{{{Keep([1], "image/png")}}}"}}""");
        using var revoked = await _http.DeleteAsync($"/simulator/accounts/whatsapp/{Account}/tokens", Cancellation);
        revoked.EnsureSuccessStatusCode();

        using var response = await GetAsync(message, Desk.Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1", true)]
    [InlineData("https://scontent-gru.cdninstagram.com/v/1.jpg", true)]
    [InlineData("https://graph.instagram.com/file", true)]
    [InlineData("http://lookaside.fbsbx.com/", false)]
    [InlineData("https://lookaside.fbsbx.com:8443/", false)]
    [InlineData("https://lookaside.fbsbx.com.evil.example/", false)]
    [InlineData("https://lookaside.fbsbx.com@evil.example/", false)]
    [InlineData("https://evil@lookaside.fbsbx.com/", false)]
    [InlineData("https://evilfbcdn.net/", false)]
    [InlineData("https://169.254.169.254/latest/meta-data/", false)]
    [InlineData("file:///etc/passwd", false)]
    public void Files_come_from_the_providers_hosts_alone(string url, bool comes) =>
        Assert.Equal(comes, new ProvidersOptions().Instagram.IsOfFiles(new Uri(url)));

    // As what a person sent, whose files are of any type.
    private string Keep(byte[] bytes, string type) => _simulator.Simulator.Do((world, now) =>
        world.AddMedia(world.FindAccount("whatsapp", Account)!, bytes, type, null, TimeSpan.FromDays(7), now).Id);

    private async Task<Guid> AddAsync(string content, string direction = MessageDirection.Inbound)
    {
        var id = Guid.CreateVersion7();
        var at = MessageIds.CreatedAt(id)!.Value;
        var isLink = content.Contains("\"link\"", StringComparison.Ordinal);
        await _api.Store.Conversations.ClaimConversationAsync(new(Desk.Conversation, Desk.Organization, at), Cancellation);
        var message = new Message(
            id,
            Desk.Conversation,
            Desk.Organization,
            Guid.NewGuid(),
            isLink ? "instagram" : "whatsapp",
            direction,
            MessageTypes.Image,
            content,
            Recipient: null,
            at,
            AccountId: isLink ? "17841400000000001" : Account);
        await _api.Store.Messages.AddMessagesAsync([message], Cancellation);
        return id;
    }

    private async Task<HttpResponseMessage> GetAsync(Guid message, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/messages/{message:D}/media");
        request.Headers.Authorization = new("Bearer", token);
        return await _api.Client.SendAsync(request, Cancellation);
    }
}
