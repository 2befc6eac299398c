using Chat.Api.Auth;
using Chat.Api.Media;
using Chat.Api.Problems;
using Chat.Connectors;
using Chat.Core.Log;
using Chat.RouterWorker;
using Chat.StatusWorker;
using Chat.Tests.Api;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.Tests.Described;

/// <summary>APIs in the states that make every documented answer; each is started when the first test asks for it.</summary>
public sealed class DescribedHosts : IAsyncLifetime
{
    /// <summary>The header <c>Origin</c> of the requests that meet a defect.</summary>
    public const string Origin = "http://127.0.0.1:1";

    /// <summary>Of the account that configuration brings.</summary>
    public const string AccountId = "17841400000000009";

    /// <summary>Whose <see cref="AccountId"/> is.</summary>
    public static readonly Guid Organization = Guid.Parse("33333333-3333-4333-8333-333333333333");
    /// <summary>What signs webhooks of the app that the hosts know, and what proves its subscription.</summary>
    public const string AppSecret = "the secret of our app, for the tests";
    public const string VerifyToken = "the token of our subscription";

    /// <summary>The account that the hosts know, and its business.</summary>
    public const string WhatsAppAccount = "700800900";
    public const string Business = "900100200";

    private static readonly Dictionary<string, string?> Accounts = new()
    {
        ["Accounts:Apps:whatsapp:default:Secrets:0"] = AppSecret,
        ["Accounts:Apps:whatsapp:default:VerifyTokens:0"] = VerifyToken,
        ["Accounts:Apps:whatsapp:other:Secrets:0"] = AppSecret,
        ["Accounts:Apps:whatsapp:other:VerifyTokens:0"] = VerifyToken,
        ["Accounts:Own:1:Channel"] = "whatsapp",
        ["Accounts:Own:1:AccountId"] = WhatsAppAccount,
        ["Accounts:Own:1:BusinessId"] = Business,
        ["Accounts:Own:1:OrganizationId"] = "456e7890-e89b-12d3-a456-426614174000",
    };

    private readonly Dictionary<HostState, Task<ApiHost>> _hosts = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts.Values) await (await host).DisposeAsync();
    }

    internal Task<ApiHost> GetAsync(HostState state)
    {
        if (!_hosts.TryGetValue(state, out var host)) _hosts[state] = host = StartAsync(state);
        return host;
    }

    private static Task<ApiHost> StartAsync(HostState state) => state switch
    {
        HostState.Plain => ApiHost.StartAsync(
            new(Accounts)
            {
                ["Connectors:Channels:whatsapp:DeliveredAfter"] = "00:00:00",
                ["Connectors:Channels:whatsapp:ReadAfter"] = "00:00:00",
                ["Accounts:Own:0:Channel"] = "instagram",
                ["Accounts:Own:0:AccountId"] = AccountId,
                ["Accounts:Own:0:OrganizationId"] = $"{Organization}",
                ["StatusWorker:ParkedLifetime"] = "00:00:01",
                ["StatusWorker:ParkedSweepInterval"] = "00:00:01",
            },
            "Development",
            configure: builder =>
            {
                builder.AddRouterWorker();
                builder.AddStatusWorker();
                builder.AddConnectors();
                builder.Services.AddHttpClient(ProviderFiles.ClientName).ConfigurePrimaryHttpMessageHandler(() => new FileProvider());
                DescribedTraffic.Wrap<IEventLog>(builder.Services, log => new RefusingLog(log));
            }),
        HostState.Production => ApiHost.StartAsync(),
        HostState.Limited => ApiHost.StartAsync(
            new(Accounts)
            {
                ["Webhooks:BodyTimeout"] = "00:00:01",
                ["Messages:PostsPerSecond"] = "1",
                ["Messages:PostBurst"] = "1",
                ["Messages:ReadsPerSecond"] = "1",
                ["Messages:ReadBurst"] = "1",
                ["Messages:FindWait"] = "00:00:00",
                ["Hub:HandshakesPerSecond"] = "1",
                ["Hub:HandshakeBurst"] = "1",
            },
            "Development"),
        HostState.Down => ApiHost.StartAsync(
            Accounts,
            "Development",
            configure: builder =>
            {
                builder.Services.AddSingleton<IEventLog, NoLog>();
                builder.Services.AddSingleton<ITokenReader, NoTokens>();
                builder.Services.AddHealthChecks().AddCheck("broken", () => HealthCheckResult.Unhealthy("on purpose"));
            }),
        HostState.Defective => ApiHost.StartAsync(
            Accounts,
            "Development",
            configure: builder => builder.Services.AddSingleton<ICorsPolicyProvider, Defect>()),
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>A provider that has every file.</summary>
    private sealed class FileProvider : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = new ByteArrayContent([0xFF, 0xD8]);
            content.Headers.ContentType = new("image/jpeg");
            return Task.FromResult(new HttpResponseMessage { Content = content });
        }
    }

    private sealed class NoLog : IEventLog
    {
        public ValueTask<TopicDescription> DescribeAsync(string topic, CancellationToken cancellationToken) =>
            throw new IOException("down");

        public ValueTask<IReadOnlyList<EventPosition>> AppendAsync(
            IReadOnlyList<NewEvent> events, CancellationToken cancellationToken) => throw new IOException("down");

        public Task ConsumeAsync(ConsumerGroup group, PartitionProcessor process, CancellationToken cancellationToken) =>
            throw new IOException("down");
    }

    private sealed class NoTokens : ITokenReader
    {
        public ValueTask<ChatUser?> ReadAsync(string token, CancellationToken cancellationToken) =>
            throw new UnavailableException(new IOException("down"));
    }

    private sealed class Defect : ICorsPolicyProvider
    {
        public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName) =>
            throw new InvalidOperationException("a defect, on purpose");
    }
}

internal enum HostState
{
    /// <summary>In Development, with every worker.</summary>
    Plain,

    /// <summary>Outside Development.</summary>
    Production,

    /// <summary>Takes next to nothing.</summary>
    Limited,

    /// <summary>Nothing that it needs answers: neither the log nor who knows the tokens.</summary>
    Down,

    /// <summary>Throws what nobody expects at a request that has <see cref="DescribedHosts.Origin"/>.</summary>
    Defective,
}
