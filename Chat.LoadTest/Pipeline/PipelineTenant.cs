using System.Diagnostics;
using Chat.LoadTest.Distributed;
using Chat.LoadTest.Faults;

namespace Chat.LoadTest.Pipeline;

/// <summary>An organization: what it posts, and the client that watches its conversations over one socket.</summary>
internal sealed class PipelineTenant(Fleet fleet, PipelineOptions options)
{
    private const int Client = 0;

    /// <summary>Should the client have to catch up, it loads no more of what is stored: the rest is no message of the run.</summary>
    private const int PagesOfHistory = 50;

    private static readonly TimeSpan SubscribeTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Longer than it takes to store ten million messages.</summary>
    private static readonly TimeSpan TokenLife = TimeSpan.FromDays(1);

    private readonly Ledger _ledger = new(1);
    private string _token = "";

    public RunIds Ids { get; } = RunIds.Create(options.Conversations);

    /// <summary>Watches until cancelled, which ends the task that the answer's task gives.</summary>
    public async Task<Task> WatchAsync(CancellationToken cancellationToken)
    {
        _token = Tokens.Mint(Services.JwtKey, Ids.Organization, Ids.User, TokenLife);
        var pages = options.Stored.Count > 0 ? PagesOfHistory : int.MaxValue;
        var watcher = new Watcher(Client, fleet.Apis[0].Address, _token, Ids.Conversations, _ledger, pages);
        var watching = watcher.RunAsync(cancellationToken);
        await watcher.Subscribed.WaitAsync(SubscribeTimeout, cancellationToken);
        return watching;
    }

    /// <summary>A poster of its own numbers, which begin at 0, and with them its keys.</summary>
    public Poster CreatePoster(double rate) => new(
        fleet.Http,
        [fleet.Apis[0].Address],
        _token,
        Ids with { Run = Guid.NewGuid() },
        _ledger,
        rate,
        keys: options.Keys,
        once: options.Once);

    public bool IsCaughtUp => _ledger.Behind() == TimeSpan.Zero;

    /// <summary>The messages that were posted between two timestamps of <see cref="Stopwatch"/> and answered 202.</summary>
    public IEnumerable<Tracked> Messages(long from, long until = long.MaxValue) =>
        _ledger.Messages.Where(m => m.PostedAt >= from && m.PostedAt < until);

    /// <summary>How many messages were shown as READ in that time, whenever they were posted.</summary>
    public int CountRead(long from, long until) => _ledger.Messages.Count(m => m.ReadAt(Client) >= from && m.ReadAt(Client) < until);

    public static Percentiles PostTimes(IEnumerable<Tracked> messages) =>
        Percentiles.Of(messages.Select(m => Milliseconds(m.PostedAt, m.AcknowledgedAt)));

    public static Percentiles SentTimes(IEnumerable<Tracked> messages) => Percentiles.Of(
        messages.Where(m => m.FirstShownAt(Client) > 0).Select(m => Milliseconds(m.PostedAt, m.FirstShownAt(Client))));

    public static Refusals RefusalsOf(Poster poster, long from, long until)
    {
        var refused = poster.Refused.Where(r => r.At >= from && r.At < until).Select(r => Milliseconds(r.At, r.Until)).ToList();
        return new(refused.Count, poster.Failed, Percentiles.Of(refused));
    }

    private static double Milliseconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;
}
