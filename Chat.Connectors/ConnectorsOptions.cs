using System.ComponentModel.DataAnnotations;
using Chat.Core.Channels;

namespace Chat.Connectors;

/// <summary>The section <c>Connectors</c> of the configuration.</summary>
public sealed class ConnectorsOptions : IValidatableObject
{
    public const string Section = "Connectors";

    /// <summary>The setting of <see cref="CallbackUrl"/>.</summary>
    public const string CallbackUrlSetting = $"{Section}:{nameof(CallbackUrl)}";

    /// <summary>
    /// The names of the channels that this process connects (<c>Connectors:Run:0=whatsapp</c>); all channels where it is empty.
    /// </summary>
    public IList<string> Run { get; } = [];

    /// <summary>How each channel behaves, by its name: <c>Connectors:Channels:whatsapp:FailureShare=0.1</c>.</summary>
    public Dictionary<string, SimulatedChannelOptions> Channels { get; } =
        ChannelCatalog.All.ToDictionary(c => c.Name, SimulatedChannelOptions.DefaultsOf, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// How many messages of one partition may be on their way at a time: sent, but their last status not yet in the log,
    /// or a message before them not yet done. Nothing more is read from the partition then.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxInFlight { get; set; } = 10_000;

    /// <summary>The most events that are read, and the most statuses that are appended, in one go.</summary>
    [Range(1, 100_000)]
    public int BatchSize { get; set; } = 1_000;

    /// <summary>How many messages of accounts one partition sends at a time.</summary>
    [Range(1, 10_000)]
    public int SendConcurrency { get; set; } = 64;

    /// <summary>What has to wait for longer before it may be sent is held, out of the others' way: 0 to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the answers to what is being sent are still waited for when a partition is left: 0 to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan SendDrain { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often held messages are looked through for those whose time has come: 100 ms to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan HeldInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A message that a provider refuses for the time being is given up once it is so old: 1 minute to 30 days. WhatsApp's and Instagram's
    /// window for answers is a day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How long a proof is waited for of what became of a message whose answer was lost, before it is reported as failed: 1 minute to 7
    /// days, and twice as long as the answer to a request is waited for at least; a long text for Instagram is several. A proof that comes
    /// later counts all the same.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan UnknownAfter { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often such messages are looked for: 1 second to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan UnknownInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Where each status is posted too, as the seed's connectors do; none where it is null. The log has the status by then, so
    /// nothing depends on it. A path alone (<c>/v1/callbacks/status</c>) is one of this very process.
    /// </summary>
    public Uri? CallbackUrl { get; set; }

    /// <summary>
    /// The bearer key that <see cref="CallbackUrl"/> asks for, of every channel that has none of its own: a receiver other than this
    /// API may ask for one key.
    /// </summary>
    public string? CallbackKey { get; set; }

    /// <summary>Each channel's own key: the first of <c>Callbacks:Keys:{channel}</c>.</summary>
    internal Dictionary<string, string> CallbackKeys { get; } = [];

    /// <summary>The key to send with a status of a channel; null for none.</summary>
    internal string? CallbackKeyOf(string channel) => CallbackKeys.GetValueOrDefault(channel) ?? CallbackKey;

    /// <summary>Notes a channel's key, where it has none yet.</summary>
    public void AddCallbackKey(string channel, string key) => CallbackKeys.TryAdd(channel, key);

    /// <summary>How many callbacks may wait for their turn; one more is dropped and counted.</summary>
    [Range(1, 1_000_000)]
    public int CallbackQueue { get; set; } = 10_000;

    /// <summary>How many callbacks are under way at a time.</summary>
    [Range(1, 1_000)]
    public int CallbackConcurrency { get; set; } = 8;

    /// <summary>How many times a callback is tried before it is dropped and counted.</summary>
    [Range(1, 100)]
    public int CallbackTries { get; set; } = 3;

    /// <summary>The pause after a callback's first failure, 0 to 1 minute; it doubles with each further one.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan CallbackPause { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long one try of a callback may take: 1 ms to 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:05:00")]
    public TimeSpan CallbackTimeout { get; set; } = TimeSpan.FromSeconds(5);

    internal IEnumerable<Channel> ChannelsToRun =>
        Run.Count == 0 ? ChannelCatalog.All : Run.Select(name => ChannelCatalog.Find(name)!).Distinct();

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        var known = string.Join(", ", ChannelCatalog.Names);
        foreach (var name in Run)
        {
            if (ChannelCatalog.Find(name) is null)
                yield return new($"{Section}:Run: there is no channel '{name}', only {known}", [nameof(Run)]);
        }
        foreach (var (name, channel) in Channels)
        {
            var section = $"{ChannelSettings.Section}:{name}";
            if (ChannelCatalog.Find(name) is null)
            {
                yield return new($"{section}: there is no such channel, only {known}", [nameof(Channels)]);
                continue;
            }
            var errors = new List<ValidationResult>();
            Validator.TryValidateObject(channel, new(channel), errors, validateAllProperties: true);
            foreach (var error in errors) yield return new($"{section}: {error.ErrorMessage}", [nameof(Channels)]);
        }
        if (CallbackUrl is { } url && !IsPathOrHttp(url))
            yield return new($"{CallbackUrlSetting}: must be an http URL or a path that begins with '/'", [nameof(CallbackUrl)]);
    }

    private static bool IsPathOrHttp(Uri url) =>
        url.IsAbsoluteUri ? url.Scheme is "http" or "https" || IsPath(url) : IsPath(url);

    /// <summary>Whether a URL is a path alone: it may be read as a file's, where paths begin with '/'.</summary>
    internal static bool IsPath(Uri url) => url.OriginalString.StartsWith('/');
}
