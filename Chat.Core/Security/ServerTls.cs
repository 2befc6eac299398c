using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Chat.Core.Security;

/// <summary>
/// The certificates of <see cref="ServerTlsOptions"/>, read, and the verification of a server's. What was wrong with it is kept: clients
/// tell no more than that a handshake failed.
/// </summary>
public sealed class ServerTls
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly string _section;
    private readonly X509Certificate2Collection? _authorities;
    private volatile string? _problem;

    /// <param name="section">The section of the settings, for what is said: <c>Redis:Tls</c>.</param>
    /// <exception cref="StartUpException">A file can't be read or is none of its kind; the message names the setting.</exception>
    public ServerTls(string section, ServerTlsOptions options)
    {
        _section = section;
        if (options.CaFile is { } authorities) _authorities = ReadAuthorities(authorities);
        if (options.CertificateFile is { } certificate) Certificate = ReadOwn(certificate, options.KeyFile!, options.KeyPassword);
    }

    /// <summary>Our own, for a server that asks for one.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>What was wrong with the server's certificate when it was last verified; null where nothing was.</summary>
    public string? Problem => _problem;

    /// <summary>What is wrong with the settings, by their names: for the options' validation.</summary>
    public static IEnumerable<string> Validate(string section, ServerTlsOptions options)
    {
        (string Name, string? Value)[] needTls =
        [
            (nameof(options.CaFile), options.CaFile), (nameof(options.CertificateFile), options.CertificateFile),
            (nameof(options.KeyFile), options.KeyFile),
        ];
        if (!options.Enabled)
        {
            // Else a connection in clear text would look like one by TLS to those who read the settings.
            return needTls.Where(s => s.Value is not null)
                .Select(s => $"{section}:{s.Name} is set, and {section}:{nameof(options.Enabled)} is not true.");
        }
        if (options.CertificateFile is null != options.KeyFile is null)
            return [$"{section}:{nameof(options.CertificateFile)} and {section}:{nameof(options.KeyFile)} go together: set both or none."];
        try
        {
            _ = new ServerTls(section, options);
            return [];
        }
        catch (StartUpException exception)
        {
            return [exception.Message];
        }
    }

    /// <summary>Whether the server's certificate is to be believed; see <see cref="RemoteCertificateValidationCallback"/>.</summary>
    public bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var name = (sender as SslStream)?.TargetHostName;
        _problem = Find(certificate as X509Certificate2, chain, errors, name);
        return _problem is null;
    }

    private string? Find(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, string? name)
    {
        if (certificate is null) return "the server shows no certificate";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"the server's certificate is for {NamesOf(certificate)}, and not for {name}, by which the server was reached: "
                + "name the server in its connection string as its certificate does";
        }
        if (_authorities is null)
            return errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? Describe(certificate, chain?.ChainStatus ?? []) : null;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        // The certificates in between, which the server sent.
        if (chain is not null) own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        return own.Build(certificate) ? null : Describe(certificate, own.ChainStatus);
    }

    private string Describe(X509Certificate2 certificate, X509ChainStatus[] problems)
    {
        if (problems.Any(p => p.Status is X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain))
        {
            return _authorities is null
                ? $"the server's certificate ({certificate.Subject}) is signed by no authority that this machine trusts: "
                    + $"{_section}:{nameof(ServerTlsOptions.CaFile)} names the authority"
                : $"the server's certificate ({certificate.Subject}) is signed by none of the authorities in "
                    + $"{_section}:{nameof(ServerTlsOptions.CaFile)}";
        }
        return $"the server's certificate ({certificate.Subject}) is not valid: "
            + string.Join(", ", problems.Select(p => p.StatusInformation.Trim()).Distinct());
    }

    private static string NamesOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(e => e.EnumerateDnsNames().Concat(e.EnumerateIPAddresses().Select(a => $"{a}")))
            .ToList();
        return names.Count > 0 ? string.Join(", ", names) : certificate.Subject;
    }

    private X509Certificate2Collection ReadAuthorities(string path)
    {
        var found = new X509Certificate2Collection();
        Read(nameof(ServerTlsOptions.CaFile), path, () => found.ImportFromPemFile(path));
        if (found.Count == 0) throw new StartUpException($"{_section}:{nameof(ServerTlsOptions.CaFile)}: {path} has no certificate (PEM).");
        return found;
    }

    private X509Certificate2 ReadOwn(string path, string keyPath, string? password)
    {
        X509Certificate2? own = null;
        var names = $"{nameof(ServerTlsOptions.CertificateFile)} and {_section}:{nameof(ServerTlsOptions.KeyFile)}";
        // Its own message would name one of the two files or none.
        if (!File.Exists(keyPath))
            throw new StartUpException($"{_section}:{nameof(ServerTlsOptions.KeyFile)}: there is no file {keyPath}.");
        Read(names, path, () => own = password is null
            ? X509Certificate2.CreateFromPemFile(path, keyPath)
            : X509Certificate2.CreateFromEncryptedPemFile(path, password, keyPath));
        using (own)
        {
            // As it is, Windows could not use its key.
            return X509CertificateLoader.LoadPkcs12(own!.Export(X509ContentType.Pkcs12), password: null);
        }
    }

    private void Read(string name, string path, Action read)
    {
        try
        {
            read();
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StartUpException($"{_section}:{name}: there is no file {path}.", exception);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new StartUpException($"{_section}:{name}: {path} can't be used: {exception.Message}", exception);
        }
    }
}
