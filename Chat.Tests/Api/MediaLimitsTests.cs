using System.IO.Pipelines;
using System.Net;
using Chat.Api.Media;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Api;

/// <summary>What files from a provider may cost, however slow their readers are and whatever the provider does.</summary>
public sealed class MediaLimitsTests
{
    private readonly Desk _desk = new();
    private readonly Desk _other = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Providers:Instagram:Timeout")]
    [InlineData("Media:MaxTime")]
    public async Task A_provider_that_falls_silent_is_given_up_and_its_place_is_free(string setting)
    {
        await using var api = await StartAsync(new() { [setting] = "00:00:01", ["Media:MaxOpenPerUser"] = "1" }, ends: false);
        var message = await AddAsync(api, _desk);

        await AssertCutAsync(api, message);

        using var client = NewClient(api);
        await Until.TrueAsync(async () => await StatusOfAsync(client, message, _desk.Token) == HttpStatusCode.OK, "the place is free");
        Assert.DoesNotContain(api.Logs.Records, r => r.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task A_file_shorter_than_announced_is_cut_and_no_error_of_ours()
    {
        await using var api = await StartAsync([], ends: true);

        await AssertCutAsync(api, await AddAsync(api, _desk));

        Assert.DoesNotContain(api.Logs.Records, r => r.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Fifty_pictures_at_once_are_refused_nothing()
    {
        await using var api = await StartAsync([], ends: false);
        var message = await AddAsync(api, _desk);
        using var client = NewClient(api);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => OpenAsync(client, message, _desk.Token)));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        foreach (var answer in answers) answer.Dispose();
    }

    [Fact]
    public async Task Files_at_once_are_limited_by_user_and_by_organization_and_another_one_goes_on()
    {
        await using var api = await StartAsync(new() { ["Media:MaxOpenPerUser"] = "2", ["Media:MaxOpen"] = "6" }, ends: false);
        var message = await AddAsync(api, _desk);
        var colleague = new Desk { Organization = _desk.Organization }.Token;
        using var client = NewClient(api);
        using var first = await OpenAsync(client, message, _desk.Token);
        using var second = await OpenAsync(client, message, _desk.Token);

        using var refused = await OpenAsync(client, message, _desk.Token);
        Assert.Equal((HttpStatusCode.TooManyRequests, "1"), (refused.StatusCode, refused.Headers.RetryAfter?.ToString()));
        using var third = await OpenAsync(client, message, colleague);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusOfAsync(client, message, colleague));
        using var others = await OpenAsync(client, await AddAsync(api, _other), _other.Token);
        Assert.Equal(HttpStatusCode.OK, others.StatusCode);

        first.Dispose();
        await Until.TrueAsync(async () => await StatusOfAsync(client, message, _desk.Token) == HttpStatusCode.OK, "a place is free");
    }

    [Fact]
    public void All_together_are_limited_too()
    {
        var files = new OpenFiles(Options.Create(new MediaOptions { MaxOpen = 4, MaxOpenPerUser = 4 }));
        var organizations = new[] { _desk, _desk, _other, _other }.Select(d => d.Organization);
        var places = organizations.Select(o => files.TryOpen(Guid.NewGuid(), o)).ToList();

        Assert.DoesNotContain(null, places);
        Assert.Null(files.TryOpen(Guid.NewGuid(), Guid.NewGuid()));
        places[0]!.Dispose();
        Assert.NotNull(files.TryOpen(Guid.NewGuid(), Guid.NewGuid()));
    }

    // Whether the headers came before the connection was cut is nobody's concern.
    private async Task AssertCutAsync(ApiHost api, Guid message)
    {
        using var client = NewClient(api);
        await Assert.ThrowsAnyAsync<HttpRequestException>(async () =>
        {
            using var response = await OpenAsync(client, message, _desk.Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await response.Content.ReadAsByteArrayAsync(Cancellation).WaitAsync(Until.Deadline, Cancellation);
        });
    }

    private Task<ApiHost> StartAsync(Dictionary<string, string?> settings, bool ends) => ApiHost.StartAsync(
        new Dictionary<string, string?>
        {
            ["Providers:Instagram:Timeout"] = "00:05:00",
            ["Accounts:Own:0:Channel"] = "instagram",
            ["Accounts:Own:0:AccountId"] = AccountOf(_desk),
            ["Accounts:Own:0:OrganizationId"] = $"{_desk.Organization}",
            ["Accounts:Own:1:Channel"] = "instagram",
            ["Accounts:Own:1:AccountId"] = AccountOf(_other),
            ["Accounts:Own:1:OrganizationId"] = $"{_other.Organization}",
        }.Concat(settings).GroupBy(s => s.Key).ToDictionary(s => s.Key, s => s.Last().Value),
        configure: builder =>
            builder.Services.AddHttpClient(ProviderFiles.ClientName).ConfigurePrimaryHttpMessageHandler(() => new Provider(ends)));

    private string AccountOf(Desk desk) => desk == _desk ? "17841400000000001" : "17841400000000002";

    // Not the tests' own, which reads each answer to its end.
    private static HttpClient NewClient(ApiHost api) => new() { BaseAddress = api.Client.BaseAddress };

    private static async Task<HttpResponseMessage> OpenAsync(HttpClient client, Guid message, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/messages/{message:D}/media");
        request.Headers.Authorization = new("Bearer", token);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    private static async Task<HttpStatusCode> StatusOfAsync(HttpClient client, Guid message, string token)
    {
        using var response = await OpenAsync(client, message, token);
        return response.StatusCode;
    }

    private async Task<Guid> AddAsync(ApiHost api, Desk desk)
    {
        var id = Guid.CreateVersion7();
        var at = MessageIds.CreatedAt(id)!.Value;
        await api.Store.Conversations.ClaimConversationAsync(new(desk.Conversation, desk.Organization, at), Cancellation);
        var message = new Message(
            id,
            desk.Conversation,
            desk.Organization,
            Guid.NewGuid(),
            "instagram",
            MessageDirection.Inbound,
            MessageTypes.Image,
            """{"midia":{"link":"http://127.0.0.1:1/a-file"}}""",
            Recipient: null,
            at,
            AccountId: AccountOf(desk));
        await api.Store.Messages.AddMessagesAsync([message], Cancellation);
        return id;
    }

    /// <summary>Announces a thousand bytes and gives ten; then nothing comes, or the connection ends.</summary>
    private sealed class Provider(bool ends) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var pipe = new Pipe();
            await pipe.Writer.WriteAsync(new byte[10], cancellationToken);
            if (ends) await pipe.Writer.CompleteAsync(new IOException("The response ended."));
            var content = new StreamContent(pipe.Reader.AsStream());
            content.Headers.ContentLength = 1000;
            content.Headers.ContentType = new("image/jpeg");
            return new HttpResponseMessage { Content = content };
        }
    }
}
