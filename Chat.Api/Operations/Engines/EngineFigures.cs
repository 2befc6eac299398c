using Chat.Api.Backpressure;
using Chat.Api.Operations.Parked;
using Chat.Core.Channels;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Time;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.Api.Operations.Engines;

/// <summary>
/// What this process can't know by itself, from the engines that all processes share. Read while somebody looks, at most once in five
/// seconds; a part whose engine does not answer in time is said to be unknown, and holds up no other.
/// </summary>
internal sealed partial class EngineFigures
{
    private const int CountedParked = 200;

    private static readonly TimeSpan Age = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private readonly ILogReader _reader;
    private readonly IParkedStore _parked;
    private readonly AccountFigures _accounts;
    private readonly HealthCheckService _checks;
    private readonly TimeProvider _time;
    private readonly ILogger<EngineFigures> _logger;
    private readonly ConsumerGroup[] _groups;
    private readonly Cached<EnginesView> _view;

    public EngineFigures(
        ILogReader reader,
        IParkedStore parked,
        AccountFigures accounts,
        HealthCheckService checks,
        IConfiguration configuration,
        TimeProvider time,
        ILogger<EngineFigures> logger)
    {
        (_reader, _parked, _accounts, _checks, _time, _logger) = (reader, parked, accounts, checks, time, logger);
        _groups =
        [
            WorkerGroups.Router(configuration),
            .. ChannelCatalog.Names.Select(ConsumerGroup.OfConnectors),
            .. ChannelCatalog.Names.Select(ConsumerGroup.OfWebhooks),
            .. ChannelCatalog.Names.Select(ConsumerGroup.OfInbound),
            WorkerGroups.StatusWorker(configuration),
        ];
        _view = new(ReadAsync, Age, time);
    }

    public Task<EnginesView> GetAsync(CancellationToken cancellationToken) => _view.GetAsync(cancellationToken);

    private async Task<EnginesView> ReadAsync()
    {
        var at = WireTime.Format(_time.GetUtcNow());
        var lag = TryAsync("lag", ReadLagAsync);
        var deadLetters = TryAsync("dead letters", ReadDeadLettersAsync);
        var parked = TryAsync("parked statuses", ReadParkedAsync);
        var recent = TryAsync("channels", ct => RecentStatuses.ReadAsync(_reader, ct));
        var accounts = TryAsync("accounts", _accounts.ReadAsync);
        var checks = TryAsync("health", ReadChecksAsync);
        return new(at, await lag, await deadLetters, await parked, Channels(await recent, await lag), await accounts, await checks);
    }

    private async Task<IReadOnlyList<LagView>> ReadLagAsync(CancellationToken cancellationToken)
    {
        var lags = new List<LagView>(_groups.Length);
        foreach (var group in _groups)
        {
            var ranges = await _reader.GetRangesAsync(group.Topic, cancellationToken);
            var committed = await _reader.GetCommittedAsync(group, cancellationToken);
            var behind = ranges
                .Select(r => r.End - Math.Max(r.Start, r.Partition < committed.Count ? committed[r.Partition] : 0))
                .Where(events => events > 0)
                .ToList();
            lags.Add(new(group.Group, group.Topic, behind.Sum(), behind.Count));
        }
        return lags;
    }

    private async Task<IReadOnlyList<KeptDeadLettersView>> ReadDeadLettersAsync(CancellationToken cancellationToken)
    {
        var kept = new List<KeptDeadLettersView>();
        foreach (var topic in Topics.All.Where(t => !Topics.IsDeadLetter(t)))
        {
            var ranges = await _reader.GetRangesAsync(Topics.DeadLetter(topic), cancellationToken);
            kept.Add(new(topic, ranges.Sum(r => r.End - r.Start)));
        }
        return kept;
    }

    private async Task<ParkedSummaryView> ReadParkedAsync(CancellationToken cancellationToken)
    {
        var page = await _parked.ListParkedBeforeAsync(_time.GetUtcNow() + ListParked.Slack, after: null, CountedParked, cancellationToken);
        var oldest = page.Statuses is [var first, ..] ? WireTime.Format(first.AppendedAt) : null;
        return new(page.Statuses.Count, !page.IsLast, oldest);
    }

    private async Task<IReadOnlyList<CheckView>> ReadChecksAsync(CancellationToken cancellationToken)
    {
        var report = await _checks.CheckHealthAsync(cancellationToken);
        return [.. report.Entries.Select(e => new CheckView(e.Key, e.Value.Status.ToString(), e.Value.Description))];
    }

    private static IReadOnlyList<ChannelHealthView>? Channels(RecentStatuses? recent, IReadOnlyList<LagView>? lag) => recent is null
        ? null
        : [.. ChannelCatalog.All.Select(channel => recent.HealthOf(
            channel, lag?.FirstOrDefault(l => l.Topic == Topics.Outbound(channel.Name))?.Events))];

    private async Task<T?> TryAsync<T>(string part, Func<CancellationToken, Task<T>> read)
        where T : class
    {
        using var deadline = new CancellationTokenSource(Patience, _time);
        try
        {
            return await read(deadline.Token).WaitAsync(deadline.Token);
        }
#pragma warning disable CA1031 // Whatever an engine throws, the others' part is shown.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogUnknown(part, exception.Message);
            return null;
        }
    }

    [LoggerMessage(
        EventId = LogEvents.OperationsUnknown,
        Level = LogLevel.Warning,
        Message = "The operator's view can't show {Part}: {Reason}")]
    private partial void LogUnknown(string part, string reason);
}
