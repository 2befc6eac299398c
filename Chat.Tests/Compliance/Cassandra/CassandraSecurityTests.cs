using Chat.Core.Statuses;
using Chat.Engines.Cassandra;
using Chat.Tests.Api;
using Chat.Tests.Engines.Security;
using Chat.Tests.Graph;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.Compliance;

/// <summary>Cassandra by TLS and with a password; and where either side refuses the other, the log says why, with the setting.</summary>
public sealed class CassandraSecurityTests(SecuredNode node) : IClassFixture<SecuredNode>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_store_works_by_TLS_with_a_password_and_a_certificate_of_ours()
    {
        using var host = Build(new(), node.Settings());
        await host.StartAsync(Cancellation);

        Assert.Empty(await host.Services.GetRequiredService<IChangeStore>().GetHeadsAsync([], Cancellation));

        await host.StopAsync(Cancellation);
    }

    public static TheoryData<string, string?, string> Refused => new()
    {
        { "Cassandra:Tls:CaFile", "other CA", "signed by none of the authorities in Cassandra:Tls:CaFile" },
        { "Cassandra:TlsHostName", "elsewhere.example", "and not for elsewhere.example" },
        { "Cassandra:Password", "another", "it refuses the user 'cassandra' or the password: Cassandra:Username and Cassandra:Password" },
        { "Cassandra:Username", null, "it asks for a user: set Cassandra:Username and Cassandra:Password" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_either_side_refuses_is_said_with_its_setting(string setting, string? value, string said)
    {
        var logs = new CapturedLogs();
        var settings = node.Settings();
        settings[setting] = value == "other CA" ? node.Certificates.OtherCaFile : value;
        if (value is null) settings["Cassandra:Password"] = null;
        using var host = Build(logs, settings);

        await host.StartAsync(Cancellation);

        await Until.TrueAsync(
            () => logs.Lines.Any(l => l.Contains("is not ready", StringComparison.Ordinal) && l.Contains(said, StringComparison.Ordinal)),
            $"a line that says: {said}",
            Deadline.Length);
        await host.StopAsync(Cancellation);
    }

    private static IHost Build(CapturedLogs logs, Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Cassandra:RequestTimeout"] = "00:02:00";
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.AddProvider(logs);
        builder.AddCassandraStore();
        return builder.Build();
    }
}

/// <summary>A node that takes its clients by TLS, with a certificate and a password of theirs, and in no other way.</summary>
public sealed class SecuredNode : IAsyncLifetime
{
    private ServerProcess? _process;
    private string? _folder;

    public TestCertificates Certificates { get; } = new();

    public Dictionary<string, string?> Settings()
    {
        Assert.SkipWhen(
            _process is null, "No Cassandra: set CHAT_TEST_CASSANDRA_RUN to a command that starts one in the folder it is given.");
        return new()
        {
            ["ConnectionStrings:cassandra"] = $"Contact Points=127.0.0.1;Port={_process.Port}",
            ["Cassandra:Tls:Enabled"] = "true",
            ["Cassandra:Tls:CaFile"] = Certificates.CaFile,
            ["Cassandra:Tls:CertificateFile"] = Certificates.Client.Certificate,
            ["Cassandra:Tls:KeyFile"] = Certificates.Client.Key,
            // The superuser that a new cluster has.
            ["Cassandra:Username"] = "cassandra",
            ["Cassandra:Password"] = "cassandra",
        };
    }

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("CHAT_TEST_CASSANDRA_RUN") is not { Length: > 0 } command) return;
        _folder = Directory.CreateTempSubdirectory("chat-test-cassandra-tls-").FullName;
        var ports = ServerProcess.FreePorts(2);
        _process = new(
            ports,
            "/bin/sh",
            ["-c", $"exec {command} \"$0\"", _folder],
            new Dictionary<string, string>
            {
                ["CQL_PORT"] = $"{ports}",
                ["GOSSIP_PORT"] = $"{ports + 1}",
                ["EXTRA"] = $$"""
                    authenticator: PasswordAuthenticator
                    client_encryption_options:
                      enabled: true
                      optional: false
                      require_client_auth: true
                      ssl_context_factory: {"class_name": org.apache.cassandra.security.PEMBasedSslContextFactory}
                      keystore: {{Certificates.Server.Both}}
                      truststore: {{Certificates.CaFile}}
                    """,
            });
        await _process.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
        Certificates.Dispose();
    }
}
