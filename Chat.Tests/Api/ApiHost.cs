using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Chat.Api;
using Chat.Core.Bus;
using Chat.Core.Log;
using Chat.Engines.Selection;
using Chat.ServiceDefaults;
using Chat.Tests.Compliance.Store;
using Chat.Tests.Described;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.Api;

/// <summary>The API over real HTTP, on the embedded engines in a folder of its own; no worker runs.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    public const string JwtKey = "a key that is long enough for HS256, by some";
    public const string CallbackKey = "the key of whatsapp's connector, for the tests";

    private readonly string _folder;
    private readonly bool _ownsFolder;
    private readonly DescribedTraffic _traffic;

    private ApiHost(
        WebApplication app, HttpClient client, string folder, bool ownsFolder, CapturedLogs logs, DescribedTraffic traffic)
    {
        (App, Client, _folder, _ownsFolder, Logs, _traffic) = (app, client, folder, ownsFolder, logs, traffic);
    }

    public WebApplication App { get; }

    public HttpClient Client { get; }

    public CapturedLogs Logs { get; }

    public StorePorts Store => StorePorts.From(App.Services);

    /// <summary>The engine itself: a test may append what no service would.</summary>
    public IEventLog Log
    {
        get
        {
            var described = App.Services.GetRequiredService<IEventLog>();
            return _traffic.Log ?? described;
        }
    }

    /// <inheritdoc cref="Log"/>
    public IStatusBus Bus
    {
        get
        {
            var described = App.Services.GetRequiredService<IStatusBus>();
            return _traffic.Bus ?? described;
        }
    }

    public static string NewFolder() => Path.Combine(Path.GetTempPath(), $"chat-api-{Path.GetRandomFileName()}");

    /// <param name="environment">Production unless a test is about Development.</param>
    /// <param name="folder">Kept at the end where it is given.</param>
    /// <param name="settings">Over the keys above; a null takes one of them away.</param>
    /// <param name="isDescribed">
    /// Whether what the services append and publish is held against the document. Not where a test writes to the log what no producer of
    /// ours does: the workers pass much of that on as it is.
    /// </param>
    public static async Task<ApiHost> StartAsync(
        Dictionary<string, string?>? settings = null,
        string environment = "Production",
        string? folder = null,
        Action<WebApplicationBuilder>? configure = null,
        bool isDescribed = true)
    {
        var dataFolder = folder ?? NewFolder();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            EnvironmentName = environment,
            ContentRootPath = AppContext.BaseDirectory,
        });
        var logs = new CapturedLogs();
        builder.Logging.ClearProviders().AddProvider(logs);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Embedded:DataFolder"] = dataFolder,
            ["Jwt:Key"] = JwtKey,
            ["Callbacks:Keys:whatsapp"] = CallbackKey,
            // No test calls a provider: addresses that nobody has.
            ["Providers:WhatsApp:BaseUrl"] = "http://127.0.0.1:1",
            ["Providers:Instagram:BaseUrl"] = "http://127.0.0.1:1",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.AddServiceDefaults();
        builder.AddChatEngines();
        builder.AddChatApi();
        var traffic = new DescribedTraffic();
        if (isDescribed) traffic.Watch(builder.Services);
        configure?.Invoke(builder);
        var app = builder.Build();
        try
        {
            app.MapDefaultEndpoints();
            app.MapChatApi();
            await app.StartAsync(TestContext.Current.CancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            if (folder is null && Directory.Exists(dataFolder)) Directory.Delete(dataFolder, recursive: true);
            throw;
        }
        return new(app, DescribedAnswers.NewClient(new Uri(app.Urls.First())), dataFolder, folder is null, logs, traffic);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
        if (_ownsFolder) Directory.Delete(_folder, recursive: true);
        _traffic.AssertDescribed();
    }

    /// <summary>A token put together by hand; without an organization where that is null.</summary>
    public static string Token(
        Guid user, Guid? organization, int seconds = 300, string key = JwtKey, string? tokenId = null, string? role = null)
    {
        var tenant = organization is { } id ? $",\"tenant_id\":\"{id:D}\"" : "";
        if (tokenId is not null) tenant += $",\"jti\":\"{tokenId}\"";
        if (role is not null) tenant += $",\"role\":\"{role}\"";
        var exp = DateTimeOffset.UtcNow.AddSeconds(seconds).ToUnixTimeSeconds();
        var signed = $"{Encode("""{"alg":"HS256","typ":"JWT"}""")}.{Encode($$"""{"sub":"{{user:D}}"{{tenant}},"exp":{{exp}}}""")}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(signed)))}";
    }

    public Task<Answer> GetAsync(string path, string? token = null) => SendAsync(HttpMethod.Get, path, token, content: null);

    public Task<Answer> PostAsync(string path, string? token, string json, string? idempotencyKey = null) =>
        SendAsync(HttpMethod.Post, path, token, new StringContent(json, Encoding.UTF8, "application/json"), request =>
        {
            if (idempotencyKey is not null) request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        });

    public async Task<Answer> SendAsync(
        HttpMethod method, string path, string? token, HttpContent? content, Action<HttpRequestMessage>? configure = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        configure?.Invoke(request);
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.OfAsync(response);
    }

    /// <summary>The first events of a topic that satisfy a condition, by offset; waits for them.</summary>
    public async Task<IReadOnlyList<LogEvent>> ReadAsync(string topic, Func<LogEvent, bool> wanted, int count)
    {
        var found = new List<LogEvent>();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        done.CancelAfter(TimeSpan.FromSeconds(30));
        await Log.ConsumeAsync(
            new ConsumerGroup($"test-{Path.GetRandomFileName()}", topic),
            async (partition, revoked) =>
            {
                while (true)
                {
                    var read = (await partition.ReadAsync(100, revoked)).Where(wanted).ToList();
                    lock (found)
                    {
                        found.AddRange(read);
                        if (found.Count < count) continue;
                    }
                    await done.CancelAsync();
                }
            },
            done.Token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        Assert.True(found.Count >= count, $"{found.Count} of {count} events came in {topic}");
        return found;
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}

/// <summary>What came back.</summary>
internal sealed record Answer(HttpStatusCode Status, string? ContentType, string Body, ILookup<string, string> Headers)
{
    public JsonElement Json => JsonElement.Parse(Body);

    public string? Header(string name) => Headers[name].SingleOrDefault();

    public static async Task<Answer> OfAsync(HttpResponseMessage response)
    {
        var headers = response.Headers.Concat(response.Content.Headers)
            .SelectMany(h => h.Value.Select(v => (h.Key, v)))
            .ToLookup(h => h.Key, h => h.v, StringComparer.OrdinalIgnoreCase);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new(response.StatusCode, response.Content.Headers.ContentType?.MediaType, body, headers);
    }

    /// <summary>That it is problem details of a status, naming a field where one is given.</summary>
    public Answer IsProblem(HttpStatusCode status, string? field = null)
    {
        Assert.True(Status == status, $"{(int)Status} and not {(int)status}: {Body}");
        Assert.Equal("application/problem+json", ContentType);
        Assert.Equal((int)status, Json.GetProperty("status").GetInt32());
        Assert.NotEmpty(Json.GetProperty("title").GetString()!);
        if (field is not null)
        {
            Assert.True(Json.TryGetProperty("errors", out var errors), Body);
            Assert.True(errors.TryGetProperty(field, out var messages), Body);
            Assert.NotEmpty(messages[0].GetString()!);
        }
        return this;
    }

    public Answer Is(HttpStatusCode status)
    {
        Assert.True(Status == status, $"{(int)Status} and not {(int)status}: {Body}");
        return this;
    }
}
