using Chat.Core.Audit;
using Chat.Core.Statuses;
using Chat.Core.Time;
using Chat.StatusWorker;
using Chat.StatusWorker.Audit;
using Chat.StatusWorker.Recording;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Audit;

public sealed class StatusAuditorTests : IDisposable
{
    private readonly AuditFixture _bench = new();
    private readonly OwnedPartitions _owned = new();
    private readonly Lines _lines = new();

    public StatusAuditorTests()
    {
        for (var partition = 0; partition < 4; partition++) _owned.Add(partition);
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Each_look_goes_on_where_the_last_one_ended_and_leaves_what_is_young_to_the_next()
    {
        var auditor = Auditor(_bench.Stores);
        await ReportAsync(5);
        await AuditAsync(auditor);
        Assert.Empty(_lines.All);

        _bench.Time.Advance(AuditWindow.Grace);
        _bench.Time.Advance(TimeSpan.FromMilliseconds(1));
        await ReportAsync(3);
        await AuditAsync(auditor);
        Assert.Contains("Audited 5 events", Assert.Single(_lines.Take()), StringComparison.Ordinal);

        _bench.Time.Advance(TimeSpan.FromHours(1));
        await AuditAsync(auditor);
        await AuditAsync(auditor);
        Assert.Contains("Audited 3 events", Assert.Single(_lines.Take()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_is_counted_by_its_kind_and_named_up_to_a_bound()
    {
        await ReportAsync(60);
        _bench.Time.Advance(TimeSpan.FromHours(1));
        var (facts, changes) = (_bench.Tampered(state: s => s with { Facts = StatusFacts.None }), _bench.Tampered(keeps: _ => false));

        await AuditAsync(Auditor(facts));
        Assert.Equal((60, 60, 0), TakeCounts());
        var warnings = _lines.Take().Where(l => l.StartsWith("Warning", StringComparison.Ordinal)).ToList();
        Assert.Equal(50, warnings.Count(w => w.Contains("missing fact: SENT of message", StringComparison.Ordinal)));
        Assert.Contains("10 more", warnings[^1], StringComparison.Ordinal);

        await AuditAsync(Auditor(changes));
        Assert.Equal((60, 0, 60), TakeCounts());

        await AuditAsync(Auditor(_bench.Stores));
        Assert.Equal((60, 0, 0), TakeCounts());
    }

    [Fact]
    public async Task Only_the_partitions_that_the_worker_has_are_looked_at()
    {
        await ReportAsync(20);
        _bench.Time.Advance(TimeSpan.FromHours(1));
        for (var partition = 0; partition < 4; partition++) _owned.Remove(partition);
        await AuditAsync(Auditor(_bench.Stores));
        Assert.Empty(_lines.All);
    }

    [Fact]
    public async Task It_looks_once_an_interval_and_never_where_that_is_zero()
    {
        await ReportAsync(1);
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(AuditFixture.Cancellation);
        Assert.True(Auditor(_bench.Stores, TimeSpan.Zero).RunAsync(stop.Token).IsCompletedSuccessfully);

        var running = Auditor(_bench.Stores, TimeSpan.FromMinutes(10)).RunAsync(stop.Token);
        _bench.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Empty(_lines.All);
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        await _lines.Written.WaitAsync(AuditFixture.Cancellation);
        Assert.Contains("Audited 1 events", Assert.Single(_lines.All), StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private (double Checked, double MissingFacts, double MissingChanges) TakeCounts()
    {
        var meters = _bench.Meters;
        var counts = (meters["chat.audit.checked"], meters["chat.audit.missing fact"], meters["chat.audit.missing change"]);
        meters.Clear();
        return counts;
    }

    private async Task ReportAsync(int messages)
    {
        for (var i = 0; i < messages; i++) await _bench.ReportAsync(await _bench.PostAsync(), StatusKind.Sent);
        await _bench.WorkAsync();
    }

    private static Task AuditAsync(StatusAuditor auditor) => auditor.AuditAsync(AuditFixture.Cancellation).AsTask();

    private StatusAuditor Auditor(AuditStores stores, TimeSpan? interval = null) => new(
        _bench.Log,
        _bench.Reader,
        stores,
        _owned,
        _bench.Time,
        new RetryForever(_bench.Time),
        new AuditMetrics(_bench.Meters),
        Options.Create(new StatusWorkerOptions()),
        Options.Create(new AuditOptions { Interval = interval ?? TimeSpan.FromHours(1) }),
        _lines);

    private sealed class Lines : ILogger<StatusAuditor>
    {
        private readonly List<string> _lines = [];

        public SemaphoreSlim Written { get; } = new(0);

        public IReadOnlyList<string> All
        {
            get
            {
                lock (_lines) return [.. _lines];
            }
        }

        public string[] Take()
        {
            lock (_lines)
            {
                string[] taken = [.. _lines];
                _lines.Clear();
                return taken;
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines) _lines.Add($"{logLevel}: {formatter(state, exception)}");
            Written.Release();
        }
    }
}
