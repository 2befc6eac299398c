using Chat.Engines.Selection;
using Chat.Tests.Api;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Selection;

/// <summary>What the start says of servers that are reached in the open, and of settings that would leave them open.</summary>
public sealed class ServerSecurityTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Outside_Development_each_server_without_TLS_or_authentication_gets_a_warning_with_the_setting()
    {
        var lines = await StartAsync(Environments.Production);

        Assert.Contains(lines, l => l.Contains("Kafka is reached without TLS", StringComparison.Ordinal)
            && l.Contains("Kafka:Tls:Enabled", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("Kafka is reached without authentication", StringComparison.Ordinal)
            && l.Contains("Kafka:Sasl:Username", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("Redis is reached without TLS", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("Redis is reached without authentication", StringComparison.Ordinal));
    }

    [Fact]
    public async Task In_Development_there_is_none() =>
        Assert.DoesNotContain(await StartAsync(Environments.Development), l => l.Contains("is reached without", StringComparison.Ordinal));

    [Fact]
    public async Task What_is_set_gets_none()
    {
        var lines = await StartAsync(
            Environments.Production,
            ("ConnectionStrings:redis", "127.0.0.1:1,abortConnect=false,connectTimeout=100,password=p,ssl=true"),
            ("Kafka:Tls:Enabled", "true"), ("Kafka:Sasl:Username", "chat"), ("Kafka:Sasl:Password", "p"));

        Assert.DoesNotContain(lines, l => l.Contains("is reached without", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Kafka:Client:enable.ssl.certificate.verification", "false", "certificates are always verified")]
    [InlineData("Kafka:Producer:ssl.endpoint.identification.algorithm", "none", "certificates are always verified")]
    [InlineData("Kafka:Sasl:Username", "chat", "Kafka:Sasl:Username and Kafka:Sasl:Password go together")]
    [InlineData("Kafka:Sasl:Mechanism", "GSSAPI", "Kafka:Sasl:Mechanism is 'GSSAPI'")]
    [InlineData("Kafka:Tls:CaFile", "/nowhere", "Kafka:Tls:CaFile is set, and Kafka:Tls:Enabled is not true")]
    [InlineData("Redis:Tls:KeyFile", "/nowhere", "Redis:Tls:KeyFile is set, and Redis:Tls:Enabled is not true")]
    public async Task A_setting_that_would_leave_a_server_open_stops_the_start_and_is_named(string name, string value, string said)
    {
        var error = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => StartAsync(Environments.Production, (name, value)));

        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Librdkafkas_own_settings_beside_ours_are_refused()
    {
        var error = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => StartAsync(
            Environments.Production, ("Kafka:Tls:Enabled", "true"), ("Kafka:Client:security.protocol", "plaintext")));

        Assert.Contains("Kafka:Client:security.protocol is set beside Kafka:Tls", error.Message, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyCollection<string>> StartAsync(string environment, params (string Name, string Value)[] settings)
    {
        var logs = new CapturedLogs();
        var builder = Host.CreateEmptyApplicationBuilder(new() { EnvironmentName = environment });
        builder.Logging.AddProvider(logs);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Embedded:DataFolder"] = Path.Combine(Path.GetTempPath(), $"chat-{Guid.NewGuid():N}"),
            ["ConnectionStrings:kafka"] = "127.0.0.1:1",
            ["ConnectionStrings:redis"] = "127.0.0.1:1,abortConnect=false,connectTimeout=100",
        });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => (string?)s.Value));
        builder.AddChatEngines();
        using var host = builder.Build();
        try
        {
            await host.StartAsync(Cancellation);
            await host.StopAsync(Cancellation);
        }
        finally
        {
            await ((IAsyncDisposable)host).DisposeAsync();
            if (builder.Configuration["Embedded:DataFolder"] is { } folder && Directory.Exists(folder)) Directory.Delete(folder, true);
        }
        return [.. logs.Lines];
    }
}
