using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Chat.Tests.Engines.Security;

/// <summary>An authority and what it signed, made for one test, in files of a folder of its own.</summary>
public sealed class TestCertificates : IDisposable
{
    public const string Password = "of-the-store";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chat-tls-");
    private readonly X509Certificate2 _authority;

    public TestCertificates()
    {
        _authority = MakeAuthority("Chat test authority");
        CaFile = Write("ca.pem", _authority.ExportCertificatePem());
        using var other = MakeAuthority("another authority");
        OtherCaFile = Write("other-ca.pem", other.ExportCertificatePem());
        Server = Make("server", "localhost", IPAddress.Loopback);
        OfAnotherName = Make("elsewhere", "elsewhere.example");
        Client = Make("client", "chat");
    }

    public string CaFile { get; }

    /// <summary>An authority that signed nothing here.</summary>
    public string OtherCaFile { get; }

    /// <summary>For localhost and 127.0.0.1.</summary>
    public Files Server { get; }

    public Files OfAnotherName { get; }

    public Files Client { get; }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <param name="Certificate">PEM.</param>
    /// <param name="Key">PEM, not encrypted.</param>
    /// <param name="Both">PEM, the certificate and its key.</param>
    /// <param name="Pkcs12">With <see cref="Password"/>.</param>
    public sealed record Files(string Certificate, string Key, string Both, string Pkcs12);

    private static X509Certificate2 MakeAuthority(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    private Files Make(string file, string name, IPAddress? address = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (address is not null) names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        using var signed = request.Create(
            _authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        using var whole = signed.CopyWithPrivateKey(key);
        var (certificate, secret) = (signed.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        var pkcs12 = Path.Combine(_folder.FullName, $"{file}.p12");
        File.WriteAllBytes(pkcs12, whole.Export(X509ContentType.Pkcs12, Password));
        return new(
            Write($"{file}.pem", certificate),
            Write($"{file}.key", secret),
            Write($"{file}.both.pem", $"{secret}\n{certificate}\n"),
            pkcs12);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
