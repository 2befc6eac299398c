using Chat.Core.Channels;
using Chat.Core.Statuses;

namespace Chat.Connectors;

/// <summary>The section <c>Connectors</c> of the configuration.</summary>
public sealed class ConnectorsOptions
{
    public const string Section = "Connectors";

    /// <summary>The channels that this instance connects; all there are where none is named.</summary>
    public IReadOnlyList<string>? Channels { get; set; }

    /// <summary>
    /// How many messages of one partition may be on their way at a time: handed over, but their last status not yet in the log,
    /// or a message before them not yet done. Nothing more is read from the partition then.
    /// </summary>
    public int MaxInFlight { get; set; } = 10_000;

    /// <summary>The most events that are read, and the most statuses that are appended, in one go.</summary>
    public int BatchSize { get; set; } = 1_000;

    public SimulatedChannelOptions WhatsApp { get; set; } = new();

    public SimulatedChannelOptions Instagram { get; set; } = new();

    /// <summary>
    /// Where each status is posted too, as the seed's connectors do; none where it is null. The log has the status by then, so
    /// nothing depends on it. A path alone (<c>/v1/callbacks/status</c>) is one of this very process.
    /// </summary>
    public Uri? CallbackUrl { get; set; }

    /// <summary>The bearer key that <see cref="CallbackUrl"/> asks for.</summary>
    public string? CallbackKey { get; set; }

    /// <summary>Callbacks that wait for their turn; one more is dropped and counted.</summary>
    public int CallbackQueue { get; set; } = 10_000;

    /// <summary>How many callbacks are under way at a time.</summary>
    public int CallbackConcurrency { get; set; } = 8;

    /// <summary>How often a callback is tried before it is dropped and counted.</summary>
    public int CallbackTries { get; set; } = 3;

    /// <summary>The pause after a callback's first failure; it doubles with each further one.</summary>
    public TimeSpan CallbackPause { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long one try of a callback may take.</summary>
    public TimeSpan CallbackTimeout { get; set; } = TimeSpan.FromSeconds(5);

    internal IReadOnlyList<string> ChannelsOrAll => Channels is { Count: > 0 } ? Channels : ChannelCatalog.Names;

    /// <summary>What is wrong with these options, naming the setting; null where nothing is.</summary>
    internal string? FindError()
    {
        foreach (var name in ChannelsOrAll)
        {
            if (!ChannelCatalog.Names.Contains(name))
            {
                return $"{Section}:Channels: '{name}' is none of {string.Join(", ", ChannelCatalog.Names)}";
            }
        }
        return MaxInFlight < 1 ? $"{Section}:MaxInFlight: must be 1 or more"
            : BatchSize < 1 ? $"{Section}:BatchSize: must be 1 or more"
            : CallbackQueue < 1 ? $"{Section}:CallbackQueue: must be 1 or more"
            : CallbackConcurrency < 1 ? $"{Section}:CallbackConcurrency: must be 1 or more"
            : CallbackTries < 1 ? $"{Section}:CallbackTries: must be 1 or more"
            : CallbackUrl is { } url && !IsPathOrHttp(url) ? $"{Section}:CallbackUrl: must be an http URL or a path that begins with '/'"
            : WhatsApp.FindError() is { } whatsApp ? $"{Section}:WhatsApp:{whatsApp}"
            : Instagram.FindError() is { } instagram ? $"{Section}:Instagram:{instagram}"
            : null;
    }

    private static bool IsPathOrHttp(Uri url) =>
        url.IsAbsoluteUri ? url.Scheme is "http" or "https" || IsPath(url) : IsPath(url);

    /// <summary>Whether a URL is a path alone: it may be read as a file's, where paths begin with '/'.</summary>
    internal static bool IsPath(Uri url) => url.OriginalString.StartsWith('/');
}

/// <summary>How a simulated channel behaves.</summary>
public sealed class SimulatedChannelOptions
{
    /// <summary>From the hand-over, which is SENT, to <see cref="StatusKind.Delivered"/>.</summary>
    public TimeSpan DeliveredAfter { get; set; } = TimeSpan.FromMilliseconds(400);

    /// <summary>From DELIVERED to <see cref="StatusKind.Read"/>.</summary>
    public TimeSpan ReadAfter { get; set; } = TimeSpan.FromMilliseconds(800);

    /// <summary>Whether DELIVERED is reported. Instagram's real API doesn't; READ comes at the same time either way.</summary>
    public bool ReportsDelivered { get; set; } = true;

    /// <summary>The share of messages, 0 to 1, that end in FAILED instead of DELIVERED. Which ones follows from their ids.</summary>
    public double FailureShare { get; set; }

    /// <summary>What a failed message says; which of them follows from its id.</summary>
    public IReadOnlyList<string>? FailureReasons { get; set; }

    internal string? FindError() =>
        DeliveredAfter < TimeSpan.Zero ? "DeliveredAfter: must not be negative"
        : ReadAfter < TimeSpan.Zero ? "ReadAfter: must not be negative"
        : FailureShare is not (>= 0 and <= 1) ? "FailureShare: must be between 0 and 1"
        : null;
}
