using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Chat.Core.Security;

namespace Chat.Tests.Engines.Security;

/// <summary>Which servers' certificates are believed, and what is said of the others and of settings that can't be used.</summary>
public sealed class ServerTlsTests(TestCertificates certificates) : IClassFixture<TestCertificates>
{
    private const string Section = "Redis:Tls";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task A_certificate_of_the_authority_with_the_servers_name_is_believed(string name)
    {
        var tls = new ServerTls(Section, new() { Enabled = true, CaFile = certificates.CaFile });

        await ShakeHandsAsync(tls, certificates.Server, name);

        Assert.Null(tls.Problem);
    }

    [Fact]
    public async Task Another_authoritys_certificate_is_not()
    {
        var tls = new ServerTls(Section, new() { Enabled = true, CaFile = certificates.OtherCaFile });

        await Assert.ThrowsAsync<AuthenticationException>(() => ShakeHandsAsync(tls, certificates.Server, "localhost"));

        Assert.Contains("signed by none of the authorities in Redis:Tls:CaFile", tls.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_file_the_machines_authorities_count_and_the_setting_is_named()
    {
        var tls = new ServerTls(Section, new() { Enabled = true });

        await Assert.ThrowsAsync<AuthenticationException>(() => ShakeHandsAsync(tls, certificates.Server, "localhost"));

        Assert.Contains("Redis:Tls:CaFile names the authority", tls.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_not_believed_and_both_names_are_said()
    {
        var tls = new ServerTls(Section, new() { Enabled = true, CaFile = certificates.CaFile });

        await Assert.ThrowsAsync<AuthenticationException>(() => ShakeHandsAsync(tls, certificates.OfAnotherName, "localhost"));

        Assert.Contains("elsewhere.example", tls.Problem, StringComparison.Ordinal);
        Assert.Contains("localhost", tls.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_problem_that_was_solved_is_forgotten()
    {
        var tls = new ServerTls(Section, new() { Enabled = true, CaFile = certificates.CaFile });
        await Assert.ThrowsAsync<AuthenticationException>(() => ShakeHandsAsync(tls, certificates.OfAnotherName, "localhost"));

        await ShakeHandsAsync(tls, certificates.Server, "localhost");

        Assert.Null(tls.Problem);
    }

    [Fact]
    public void Files_without_TLS_are_refused_since_they_look_like_it()
    {
        var problem = Assert.Single(ServerTls.Validate(Section, new() { CaFile = certificates.CaFile }));

        Assert.Equal("Redis:Tls:CaFile is set, and Redis:Tls:Enabled is not true.", problem);
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "missing CA", "Redis:Tls:CaFile: there is no file" },
        { "no CA in it", "Redis:Tls:CaFile" },
        { "no key", "Redis:Tls:CertificateFile and Redis:Tls:KeyFile go together" },
        { "missing key", "Redis:Tls:KeyFile: there is no file" },
        { "another's key", "Redis:Tls:CertificateFile and Redis:Tls:KeyFile" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_file_that_cannot_be_used_is_named_with_its_setting(string what, string said)
    {
        ServerTlsOptions options = what switch
        {
            "missing CA" => new() { CaFile = "/nowhere/ca.pem" },
            "no CA in it" => new() { CaFile = certificates.Server.Key },
            "no key" => new() { CertificateFile = certificates.Client.Certificate },
            "missing key" => new() { CertificateFile = certificates.Client.Certificate, KeyFile = "/nowhere/client.key" },
            _ => new() { CertificateFile = certificates.Client.Certificate, KeyFile = certificates.Server.Key },
        };
        options.Enabled = true;

        Assert.Contains(said, Assert.Single(ServerTls.Validate(Section, options)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_of_ours_is_read_with_its_key()
    {
        var (client, options) = (certificates.Client, new ServerTlsOptions { Enabled = true });
        (options.CertificateFile, options.KeyFile) = (client.Certificate, client.Key);

        Assert.Empty(ServerTls.Validate(Section, options));
        Assert.True(new ServerTls(Section, options).Certificate!.HasPrivateKey);
    }

    private static async Task ShakeHandsAsync(ServerTls tls, TestCertificates.Files server, string name)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        var accepting = listener.AcceptTcpClientAsync(Cancellation).AsTask();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Cancellation);
        using var accepted = await accepting;
        using var certificate = X509CertificateLoader.LoadPkcs12FromFile(server.Pkcs12, TestCertificates.Password);
        await using var there = new SslStream(accepted.GetStream());
        await using var here = new SslStream(client.GetStream(), false, tls.IsTrusted);
        var serving = there.AuthenticateAsServerAsync(certificate);
        await here.AuthenticateAsClientAsync(name);
        await serving;
    }
}
