using System.ComponentModel.DataAnnotations;

namespace Chat.Core.Providers;

/// <summary>Where the real providers are: the section <c>Providers</c> of the configuration.</summary>
public sealed class ProvidersOptions : IValidatableObject
{
    public const string Section = "Providers";

    public GraphOptions WhatsApp { get; } = new()
    {
        BaseUrl = new("https://graph.facebook.com"),
        Version = "v25.0",
        FileHosts = { "lookaside.fbsbx.com" },
    };

    public InstagramOptions Instagram { get; } = new()
    {
        BaseUrl = new("https://graph.instagram.com"),
        Version = "v25.0",
        FileHosts = { "lookaside.fbsbx.com", "cdninstagram.com", "fbcdn.net" },
    };

    /// <summary>How long an answer of any of them is waited for at most.</summary>
    public TimeSpan LongestTimeout => WhatsApp.Timeout > Instagram.Timeout ? WhatsApp.Timeout : Instagram.Timeout;

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext) =>
        [.. Validate(WhatsApp, nameof(WhatsApp)), .. Validate(Instagram, nameof(Instagram))];

    private static IEnumerable<ValidationResult> Validate(GraphOptions options, string name)
    {
        var url = options.BaseUrl;
        // The token goes along: in the open to this machine alone.
        if (!url.IsAbsoluteUri || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
        {
            yield return new(
                $"{Section}:{name}:{nameof(options.BaseUrl)}: must be an https URL, or an http one of this machine", [name]);
        }
        if (options.Version.Length < 2 || options.Version[0] != 'v' || !options.Version[1..].All(c => char.IsAsciiDigit(c) || c == '.'))
            yield return new($"{Section}:{name}:{nameof(options.Version)}: must be like v25.0", [name]);
        if (options.Timeout < TimeSpan.FromSeconds(1) || options.Timeout > TimeSpan.FromMinutes(5))
            yield return new($"{Section}:{name}:{nameof(options.Timeout)}: must be from 1 second to 5 minutes", [name]);
        if (options.MaxFileBytes is < 1 or > GraphOptions.MostFileBytes)
        {
            yield return new(
                $"{Section}:{name}:{nameof(options.MaxFileBytes)}: must be from 1 to {GraphOptions.MostFileBytes}", [name]);
        }
    }
}

/// <summary>One Graph API of Meta's.</summary>
public class GraphOptions
{
    /// <summary>Without a version: <c>https://graph.facebook.com</c>; in development a <c>Chat.MetaSimulator</c>'s.</summary>
    public required Uri BaseUrl { get; set; }

    /// <summary><c>v25.0</c>. Meta ends each after about two years.</summary>
    public required string Version { get; set; }

    /// <summary>How long an answer is waited for: 1 second to 5 minutes. What has none by then is unknown, and never sent again.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Hosts, each with all below it, that files are fetched from beside <see cref="BaseUrl"/>'s own: what configuration names is added.
    /// </summary>
    public IList<string> FileHosts { get; } = [];

    /// <summary>The largest file that is passed on, in bytes: 1 to 1 GiB.</summary>
    public long MaxFileBytes { get; set; } = 100L << 20;

    internal const long MostFileBytes = 1L << 30;

    /// <summary>Whether a file may be fetched from a URL. The token goes along: another host would have it then.</summary>
    public bool IsOfFiles(Uri url) =>
        url.IsAbsoluteUri
        && url.UserInfo.Length == 0
        && (Uri.Compare(url, BaseUrl, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0
            || (url.Scheme == Uri.UriSchemeHttps && url.IsDefaultPort && FileHosts.Any(host => IsUnder(url.IdnHost, host))));

    private static bool IsUnder(string host, string parent) =>
        host.Equals(parent, StringComparison.OrdinalIgnoreCase)
        || (host.Length > parent.Length
            && host[^(parent.Length + 1)] == '.'
            && host.EndsWith(parent, StringComparison.OrdinalIgnoreCase));

    /// <summary>The URL of something of this version's: <c>{phone_number_id}/messages</c>, perhaps with a query.</summary>
    public Uri UrlOf(string path) => new($"{BaseUrl.AbsoluteUri.TrimEnd('/')}/{Version}/{path}");
}

/// <summary>Instagram's messaging API.</summary>
public sealed class InstagramOptions : GraphOptions
{
    /// <summary>
    /// Whether Meta has approved the feature <i>Human Agent</i> for the app. A message that comes later than 24 hours after the person
    /// wrote then goes as a human agent's, for which there are 7 days; only people may write such ones, no machine.
    /// </summary>
    public bool HumanAgent { get; set; }
}
