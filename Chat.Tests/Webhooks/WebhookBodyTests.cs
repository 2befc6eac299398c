using System.Net;
using Chat.Core.Log;
using Chat.Core.Webhooks;
using Chat.Tests.Api;
using Chat.Tests.Described;
using Chat.Tests.Graph;

namespace Chat.Tests.Webhooks;

/// <summary>Whose a body is is known once it was read as a whole: what it costs until then is bounded.</summary>
public sealed class WebhookBodyTests
{
    private const string Path = "/v1/webhooks/whatsapp";
    private const string Secret = WebhookSignatureTests.Secret;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Body_whose_last_byte_does_not_come_is_given_up()
    {
        await using var api = await StartAsync("Webhooks:BodyTimeout", "00:00:01");
        using var stalling = new HttpClient(new DescribedAnswers(new StallingHandler()));
        using var request = Post(api, 1_000_000);

        using var answer = await stalling.SendAsync(request, Cancellation).WaitAsync(Until.Deadline, Cancellation);

        Assert.Equal(HttpStatusCode.RequestTimeout, answer.StatusCode);
    }

    [Fact]
    public async Task Bodies_beyond_the_room_for_them_are_503_until_others_are_done()
    {
        await using var api = await StartAsync("Webhooks:MaxHeldBytes", $"{RawWebhook.MaxBytes}");
        using var stalling = new HttpClient(new StallingHandler());
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var stalled = Task.FromResult<HttpResponseMessage>(null!);

        await Until.TrueAsync(
            async () =>
            {
                // It may have been the one that there was no room for.
                if (stalled.IsCompleted) stalled = stalling.SendAsync(Post(api, 3_000_000), leaving.Token);
                return await StatusOfAsync(api, 2_000_000) == HttpStatusCode.ServiceUnavailable && !stalled.IsCompleted;
            },
            "there is no room");
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(api, 500_000));

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stalled);
        await Until.TrueAsync(async () => await StatusOfAsync(api, 2_000_000) == HttpStatusCode.OK, "there is room again");
    }

    [Fact]
    public async Task Room_that_a_body_took_is_there_for_the_next_one()
    {
        await using var api = await StartAsync("Webhooks:MaxHeldBytes", $"{RawWebhook.MaxBytes}");

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(api, 3_000_000));
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await StatusOfAsync(api, RawWebhook.MaxBytes + 1));
        }

        await api.ReadAsync(Topics.Webhooks("whatsapp"), _ => true, 5);
    }

    private static Task<ApiHost> StartAsync(string setting, string value) => ApiHost.StartAsync(new()
    {
        ["Accounts:Apps:whatsapp:default:Secrets:0"] = Secret,
        // Whatever a test is not about takes as long as it likes.
        ["Webhooks:BodyTimeout"] = "00:05:00",
        [setting] = value,
    });

    private static async Task<HttpStatusCode> StatusOfAsync(ApiHost api, int bytes)
    {
        using var request = Post(api, bytes);
        using var response = await api.Client.SendAsync(request, Cancellation);
        return response.StatusCode;
    }

    private static HttpRequestMessage Post(ApiHost api, int bytes)
    {
        var body = new byte[bytes];
        body.AsSpan().Fill((byte)' ');
        var url = new Uri(api.Client.BaseAddress!, Path);
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Headers.Add(WebhookSignature.Header, WebhookSignature.Sign(body, Secret));
        return request;
    }
}
