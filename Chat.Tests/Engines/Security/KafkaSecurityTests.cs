using Chat.Core.Log;
using Chat.Engines.Kafka;
using Chat.Tests.Api;
using Chat.Tests.Compliance;
using Chat.Tests.Graph;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.Engines.Security;

/// <summary>Kafka by TLS and SASL; and where either side refuses the other, the log says why, with the setting.</summary>
public sealed class KafkaSecurityTests(SecuredBroker broker) : IClassFixture<SecuredBroker>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("SCRAM-SHA-512")]
    public async Task Topics_are_made_and_an_event_is_taken_by_TLS_and_SASL_with_a_certificate_of_ours(string mechanism)
    {
        var logs = new CapturedLogs();
        using var host = Build(logs, broker.Settings(mechanism));
        var log = host.Services.GetRequiredService<IEventLog>();

        await log.AppendAsync(new NewEvent(Topics.Messages, "key", "{}"u8.ToArray()), Cancellation)
            .AsTask().WaitAsync(Deadline.Length, Cancellation);

        await ((IAsyncDisposable)host).DisposeAsync();
    }

    public static TheoryData<string, string, string> Refused => new()
    {
        { "Kafka:Tls:CaFile", "other CA", "Kafka:Tls:CaFile" },
        { "Kafka:Sasl:Password", "another", "Kafka:Sasl:Password" },
        { "ConnectionStrings:kafka", "127.0.0.2", "Kafka:Tls:CaFile, or has another name" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_either_side_refuses_is_said_with_its_setting(string setting, string value, string said)
    {
        var logs = new CapturedLogs();
        var settings = broker.Settings("PLAIN");
        settings[setting] = value switch
        {
            "other CA" => broker.Certificates.OtherCaFile,
            "127.0.0.2" => settings[setting].Replace("127.0.0.1", value, StringComparison.Ordinal),
            _ => value,
        };
        using var host = Build(logs, settings);

        await host.StartAsync(Cancellation);

        await Until.TrueAsync(
            () => logs.Lines.Any(l => l.Contains(said, StringComparison.Ordinal)), $"a line that says: {said}", Deadline.Length);
        Assert.DoesNotContain(logs.Lines, l => l.Contains(SecuredBroker.Password, StringComparison.Ordinal));
        await host.StopAsync(Cancellation);
    }

    private static IHost Build(CapturedLogs logs, Dictionary<string, string> settings)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddProvider(logs);
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value));
        builder.AddKafkaEventLog();
        return builder.Build();
    }
}

/// <summary>A broker that takes its clients by TLS, with a certificate and a password of theirs, and in no other way.</summary>
public sealed class SecuredBroker : IAsyncLifetime
{
    public const string Password = "a-password-of-kafka";

    private const string User = "chat";

    private KafkaServer.OwnBroker? _broker;

    public TestCertificates Certificates { get; } = new();

    public Dictionary<string, string> Settings(string mechanism)
    {
        Assert.SkipWhen(_broker is null, $"No Kafka: set {KafkaServer.RunVariable} to a program that runs a broker.");
        return new()
        {
            ["ConnectionStrings:kafka"] = _broker.Process.Address,
            ["Kafka:Tls:Enabled"] = "true",
            ["Kafka:Tls:CaFile"] = Certificates.CaFile,
            ["Kafka:Tls:CertificateFile"] = Certificates.Client.Certificate,
            ["Kafka:Tls:KeyFile"] = Certificates.Client.Key,
            ["Kafka:Sasl:Mechanism"] = mechanism,
            ["Kafka:Sasl:Username"] = User,
            ["Kafka:Sasl:Password"] = Password,
        };
    }

    public async ValueTask InitializeAsync()
    {
        // 127.0.0.2, which is not in the certificate, leads there too.
        _broker = KafkaServer.TryMake(port =>
            $"""
             listeners=SECURED://0.0.0.0:{port},CONTROLLER://127.0.0.1:{port + 1},INTERNAL://127.0.0.1:{port + 2}
             advertised.listeners=SECURED://127.0.0.1:{port},INTERNAL://127.0.0.1:{port + 2}
             listener.security.protocol.map=SECURED:SASL_SSL,CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT
             inter.broker.listener.name=INTERNAL
             ssl.keystore.type=PEM
             ssl.keystore.location={Certificates.Server.Both}
             ssl.truststore.type=PEM
             ssl.truststore.location={Certificates.CaFile}
             listener.name.secured.ssl.client.auth=required
             sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
             listener.name.secured.plain.sasl.jaas.config={Login("plain.PlainLoginModule", $" user_{User}=\"{Password}\"")}
             listener.name.secured.scram-sha-512.sasl.jaas.config={Login("scram.ScramLoginModule", "")}
             """);
        if (_broker is null) return;
        await _broker.Process.StartAsync();
        await AddUserAsync(_broker.Process.Port + 2);
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null) await _broker.DisposeAsync();
        Certificates.Dispose();
    }

    private static string Login(string module, string options) =>
        $"org.apache.kafka.common.security.{module} required{options};";

    private static async Task AddUserAsync(int port)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = $"127.0.0.1:{port}" }).Build();
        await admin.AlterUserScramCredentialsAsync(
        [
            new UserScramCredentialUpsertion
            {
                User = User,
                Password = System.Text.Encoding.UTF8.GetBytes(Password),
                ScramCredentialInfo = new() { Mechanism = ScramMechanism.ScramSha512, Iterations = 4096 },
            },
        ]);
    }
}
