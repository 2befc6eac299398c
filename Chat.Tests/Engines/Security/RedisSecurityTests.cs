using System.Net;
using System.Net.Sockets;
using Chat.Core;
using Chat.Core.Bus;
using Chat.Engines.Redis;
using Chat.Tests.Api;
using Chat.Tests.Compliance;
using Chat.Tests.Graph;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.Engines.Security;

/// <summary>Redis by TLS and with a password; and where either side refuses the other, the start says why.</summary>
public sealed class RedisSecurityTests(TestCertificates certificates) : IClassFixture<TestCertificates>
{
    private const string Password = "a-password-of-redis";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_payload_goes_by_TLS_with_a_password_and_a_certificate_of_ours_where_it_is_asked_for(bool asksForOurs)
    {
        await using var server = await StartAsync(certificates.Server, asksForOurs);
        var (certificate, key) = (certificates.Client.Certificate, certificates.Client.Key);
        using var host = Build(
            $"{server.Address},password={Password}",
            new(),
            [
                ("Redis:Tls:Enabled", "true"), ("Redis:Tls:CaFile", certificates.CaFile),
                .. asksForOurs ? [("Redis:Tls:CertificateFile", certificate), ("Redis:Tls:KeyFile", key)] : Array.Empty<(string, string)>(),
            ]);
        var bus = host.Services.GetRequiredService<IStatusBus>();
        var (conversation, seen) = (Guid.NewGuid(), new TaskCompletionSource<string>());

        await using var subscription = await bus.SubscribeAsync(
            conversation, payload => seen.TrySetResult(System.Text.Encoding.UTF8.GetString(payload.Span)), Cancellation);
        await bus.PublishAsync([new(conversation, "a"u8.ToArray())], Cancellation);

        Assert.Equal("a", await seen.Task.WaitAsync(Deadline.Length, Cancellation));
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "wrong CA", "signed by none of the authorities in Redis:Tls:CaFile" },
        { "another name", "elsewhere.example" },
        { "wrong password", "it refuses the password, or asks for one" },
        { "no password", "it refuses the password, or asks for one" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_either_side_refuses_is_said_at_the_start_with_its_setting(string what, string said)
    {
        await using var server = await StartAsync(what == "another name" ? certificates.OfAnotherName : certificates.Server);
        var password = what switch { "wrong password" => ",password=another", "no password" => "", _ => $",password={Password}" };
        var logs = new CapturedLogs();
        using var host = Build(
            server.Address + password + ",connectTimeout=1000,asyncTimeout=1000",
            logs,
            ("Redis:Tls:Enabled", "true"),
            ("Redis:Tls:CaFile", what == "wrong CA" ? certificates.OtherCaFile : certificates.CaFile));

        await host.StartAsync(Cancellation);

        await Until.TrueAsync(
            () => logs.Lines.Any(
                l => l.Contains("Redis is not ready", StringComparison.Ordinal) && l.Contains(said, StringComparison.Ordinal)),
            $"a line that says: {said}",
            Deadline.Length);
        Assert.DoesNotContain(logs.Lines, l => l.Contains(Password, StringComparison.Ordinal));
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public void Settings_that_contradict_themselves_stop_the_start_before_a_password_is_sent()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var host = Build(
            $"{server.LocalEndpoint},password={Password},connectTimeout=1000", new(), ("Redis:Tls:CaFile", certificates.CaFile));

        var exception = Assert.Throws<StartUpException>(host.Services.GetRequiredService<IStatusBus>);

        Assert.Equal("Redis:Tls:CaFile is set, and Redis:Tls:Enabled is not true.", exception.Message);
        Assert.False(server.Pending());
    }

    private static async Task<ServerProcess> StartAsync(TestCertificates.Files own, string authorities, bool asksForOurs)
    {
        var server = await RedisServer.TryStartAsync(port =>
        [
            "--port", "0", "--tls-port", $"{port}", "--tls-cert-file", own.Certificate, "--tls-key-file", own.Key,
            "--tls-ca-cert-file", authorities, "--tls-auth-clients", asksForOurs ? "yes" : "no", "--requirepass", Password,
        ]);
        Assert.SkipWhen(server is null, "No Redis: install redis-server.");
        return server;
    }

    private Task<ServerProcess> StartAsync(TestCertificates.Files own, bool asksForOurs = false) =>
        StartAsync(own, certificates.CaFile, asksForOurs);

    private static IHost Build(string address, CapturedLogs logs, params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddProvider(logs);
        builder.Configuration.AddInMemoryCollection(
            settings.Append(("ConnectionStrings:redis", address)).ToDictionary(s => s.Item1, s => (string?)s.Item2));
        builder.AddRedisStatusBus();
        return builder.Build();
    }
}
