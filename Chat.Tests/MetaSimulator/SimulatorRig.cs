using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Chat.MetaSimulator.Hosting;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.MetaSimulator;

/// <summary>The simulator with a callback, one account of each channel, and one person who has both; nothing takes any time.</summary>
internal sealed class SimulatorRig : IAsyncDisposable
{
    public const string Token = "EAAG-token";
    public const string InstagramToken = "IGAA-token";
    public const string Number = "700800900";
    public const string Waba = "900100200";
    public const string InstagramId = "17841400000000001";

    /// <summary>As people dial it; WhatsApp has it without the ninth digit.</summary>
    public const string Dialled = "+5511987654321";

    public const string WaId = "551187654321";
    public const string Igsid = "990011";

    private const string App = "tests";

    private readonly HttpClient _http;

    private SimulatorRig(LoopbackSimulator simulator, WebhookReceiver receiver)
    {
        (Simulator, Receiver) = (simulator, receiver);
        _http = new() { BaseAddress = simulator.Address };
    }

    public LoopbackSimulator Simulator { get; }

    public WebhookReceiver Receiver { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<SimulatorRig> StartAsync(object? faults = null, CapturedLogs? logs = null, bool localLinks = true)
    {
        var simulator = await LoopbackSimulator.StartAsync(
            seed: 7,
            localLinks: localLinks,
            logging: logs is null ? null : logging => logging.AddProvider(logs),
            cancellationToken: Cancellation);
        var rig = new SimulatorRig(simulator, await WebhookReceiver.StartAsync());
        await rig.ControlAsync(HttpMethod.Put, "faults", faults ?? Quick());
        await rig.ControlAsync(HttpMethod.Put, $"apps/{App}", new
        {
            secret = WebhookReceiver.Secret,
            callbackUrl = rig.Receiver.Address,
            verifyToken = WebhookReceiver.VerifyToken,
        });
        await rig.ControlAsync(HttpMethod.Put, $"accounts/whatsapp/{Number}", new
        {
            businessId = Waba,
            displayName = "+55 11 3000-0001",
            app = App,
            accessToken = Token,
        });
        await rig.ControlAsync(HttpMethod.Put, $"accounts/instagram/{InstagramId}", new
        {
            displayName = "loja",
            app = App,
            accessToken = InstagramToken,
        });
        await rig.ControlAsync(HttpMethod.Put, "people/ana", new
        {
            name = "Ana",
            number = Dialled,
            waId = WaId,
            userId = "BR.13490000000000000001",
            instagramId = Igsid,
        });
        return rig;
    }

    /// <summary>No time between anything, and one update a POST unless a test wants more.</summary>
    public static object Quick(
        double lostAnswers = 0,
        double lostRequests = 0,
        double duplicates = 0,
        double redeliveries = 0,
        double disorder = 0,
        int batchSize = 50,
        int jitter = 0,
        int concurrency = 1) => new
        {
            lostAnswers,
            lostRequests,
            duplicates,
            redeliveries,
            disorder,
            batchSize,
            concurrency,
            answerMilliseconds = 0,
            stepMilliseconds = 0,
            jitterMilliseconds = jitter,
            retryMilliseconds = 1,
        };

    /// <summary>The person writes on both channels, so that the business may answer.</summary>
    public async Task OpenWindowsAsync()
    {
        await PhoneAsync($"chats/whatsapp/{Number}/wrote", new { secondsAgo = 60 });
        await PhoneAsync($"chats/instagram/{InstagramId}/wrote", new { secondsAgo = 60 });
    }

    public Task<Answer> SendAsync(object body, string? token = Token, string number = Number) =>
        PostAsync($"/v25.0/{number}/messages", body, token);

    public Task<Answer> SendTextAsync(string text, string to = Dialled, string? opaque = null) => SendAsync(
        new { messaging_product = "whatsapp", to, type = "text", text = new { body = text }, biz_opaque_callback_data = opaque });

    public Task<Answer> SendInstagramAsync(object message, string recipient = Igsid) => PostAsync(
        $"/v25.0/{InstagramId}/messages", new { recipient = new { id = recipient }, message }, InstagramToken);

    public async Task<Answer> PostAsync(string path, object body, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await _http.SendAsync(request, Cancellation);
        return await Answer.OfAsync(response);
    }

    public async Task<Answer> GetAsync(string path, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await _http.SendAsync(request, Cancellation);
        return await Answer.OfAsync(response);
    }

    /// <summary>Puts a file of 3 bytes at the number; answers with its id.</summary>
    public async Task<string> UploadAsync(string mimeType) =>
        (await TryUploadAsync(mimeType)).Is(HttpStatusCode.OK).Json.GetProperty("id").GetString()!;

    public async Task<Answer> TryUploadAsync(string mimeType)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("whatsapp"), "messaging_product" },
            { new StringContent(mimeType), "type" },
            { new ByteArrayContent([1, 2, 3]), "file", "a.png" },
        };
        using var upload = new HttpRequestMessage(HttpMethod.Post, $"/v25.0/{Number}/media") { Content = form };
        upload.Headers.Authorization = new("Bearer", Token);
        using var uploaded = await RawAsync(upload);
        return await Answer.OfAsync(uploaded);
    }

    public async Task<HttpResponseMessage> RawAsync(HttpRequestMessage request) => await _http.SendAsync(request, Cancellation);

    public Task PhoneAsync(string what, object? body = null, string person = "ana") =>
        ControlAsync(HttpMethod.Post, $"people/{person}/{what}", body ?? new { });

    public async Task ControlAsync(HttpMethod method, string what, object body)
    {
        using var request = new HttpRequestMessage(method, $"/simulator/{what}") { Content = JsonContent.Create(body) };
        using var response = await _http.SendAsync(request, Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{what}: {await response.Content.ReadAsStringAsync(Cancellation)}");
    }

    public async Task<JsonElement> PhoneAsync() => (await GetAsync("/simulator/people/ana")).Json;

    public async Task<IReadOnlyList<JsonElement>> TakenAsync() => [.. (await GetAsync("/simulator/messages")).Json.EnumerateArray()];

    /// <summary>Waits until everything was told and answered with 200.</summary>
    public Task ToldAsync() => Until.TrueAsync(
        async () => (await GetAsync("/simulator")).Json.GetProperty("waiting").GetInt32() == 0, "all webhooks were taken");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Simulator.DisposeAsync();
        await Receiver.DisposeAsync();
    }
}
