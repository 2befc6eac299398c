using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.Api.Operations.Live;

/// <summary>
/// What this process' own instruments measured in the last minute: it listens to the meters that <c>/metrics</c> shows, so that nothing
/// is counted a second time. A measurement costs one addition; once a second the sums are noted.
/// </summary>
internal sealed class LiveFigures : BackgroundService
{
    /// <summary>How many seconds are kept.</summary>
    public const int Seconds = 60;

    // A rate is over so many seconds: over one it would jump.
    private const int RateSeconds = 10;

    private const string AuditChecked = "chat.audit.checked";
    private const string AuditMissing = "chat.audit.missing";
    private const string AuditKind = "kind";
    private const string EventToSocket = "chat.hub.event_to_socket.duration";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly FrozenDictionary<string, Counted> Counters = new Dictionary<string, Counted>
    {
        ["chat.hub.connections"] = Counted.Sockets,
        ["chat.hub.subscriptions"] = Counted.Subscriptions,
        ["chat.hub.conversations"] = Counted.Conversations,
        ["chat.messages.accepted"] = Counted.Posts,
        ["chat.callbacks.accepted"] = Counted.Callbacks,
        ["chat.requests.limited"] = Counted.Refused,
        ["chat.hub.deliveries"] = Counted.Ticks,
        ["chat.hub.repairs"] = Counted.Repairs,
        ["chat.hub.conflations"] = Counted.Conflations,
        ["chat.hub.closes"] = Counted.Closes,
        [AuditChecked] = Counted.AuditChecked,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Counted> MissingKinds = new Dictionary<string, Counted>
    {
        ["fact"] = Counted.MissingFacts,
        ["change"] = Counted.MissingChanges,
        ["dead_letter"] = Counted.MissingDeadLetters,
    }.ToFrozenDictionary();

    private readonly TimeProvider _time;
    private readonly bool _enabled;
    private readonly MeterListener _listener = new();
    private readonly long[] _sums = new long[Enum.GetValues<Counted>().Length];
    private readonly LatencyBuckets _latency = new();
    private readonly Lock _gate = new();
    private readonly Queue<Sample> _samples = new(Seconds + 1);
    private volatile bool _audits;
    private long _auditedAt;

    public LiveFigures(IMeterFactory meters, TimeProvider time, IOptions<OperationsOptions> options)
    {
        (_time, _enabled) = (time, options.Value.Enabled);
        StartedAt = time.GetUtcNow();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Those of this host: a process may run several, as the tests do.
            if (!ReferenceEquals(instrument.Meter.Scope, meters) || instrument.Meter.Name != ChatTelemetry.Name) return;
            if (instrument.Name == AuditChecked) _audits = true;
            if (instrument.Name is EventToSocket or AuditMissing) listener.EnableMeasurementEvents(instrument);
            else if (Counters.TryGetValue(instrument.Name, out var counted)) listener.EnableMeasurementEvents(instrument, counted);
        };
        _listener.SetMeasurementEventCallback<long>(Count);
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) =>
        {
            if (instrument.Name == EventToSocket) _latency.Add(value);
        });
    }

    /// <summary>When the process began to count; UTC.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>What the audits of this process found; null where it runs none.</summary>
    public AuditView? Audit => _audits
        ? new(
            Interlocked.Read(ref _auditedAt) is var at and > 0 ? WireTime.Format(new(at, TimeSpan.Zero)) : null,
            this[Counted.AuditChecked],
            this[Counted.MissingFacts],
            this[Counted.MissingChanges],
            this[Counted.MissingDeadLetters])
        : null;

    private long this[Counted counted] => Interlocked.Read(ref _sums[(int)counted]);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (!_enabled) return Task.CompletedTask;
        // Before the server takes its first request: what was measured before is not told again.
        Listen();
        return base.StartAsync(cancellationToken);
    }

    public LiveView View()
    {
        Sample[] samples;
        lock (_gate) samples = [.. _samples];
        var (oldest, newest) = (samples[0], samples[^1]);
        return new(
            this[Counted.Sockets],
            this[Counted.Subscriptions],
            this[Counted.Conversations],
            Rate(samples, Counted.Posts),
            Rate(samples, Counted.Ticks),
            LatencyBuckets.View(oldest.Latency, newest.Latency),
            new(
                LastMinute(Counted.Callbacks),
                LastMinute(Counted.Refused),
                LastMinute(Counted.Repairs),
                LastMinute(Counted.Conflations),
                LastMinute(Counted.Closes)));

        long LastMinute(Counted counted) => newest[counted] - oldest[counted];
    }

    public override void Dispose()
    {
        _listener.Dispose();
        base.Dispose();
    }

    internal void Listen()
    {
        _listener.Start();
        Note();
    }

    /// <summary>Notes the sums as of now; called once a second.</summary>
    internal void Note()
    {
        var sums = new long[_sums.Length];
        for (var i = 0; i < sums.Length; i++) sums[i] = Interlocked.Read(ref _sums[i]);
        var sample = new Sample(_time.GetTimestamp(), sums, _latency.Read());
        lock (_gate)
        {
            if (_samples.Count > Seconds) _samples.Dequeue();
            _samples.Enqueue(sample);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Second, _time, stoppingToken);
            Note();
        }
    }

    private RateView Rate(Sample[] samples, Counted counted)
    {
        var seconds = new double[samples.Length - 1];
        for (var i = 0; i < seconds.Length; i++) seconds[i] = Math.Round(PerSecond(samples[i], samples[i + 1]), 1);
        var first = samples[Math.Max(0, samples.Length - 1 - RateSeconds)];
        return new(Math.Round(PerSecond(first, samples[^1]), 1), seconds);

        double PerSecond(Sample from, Sample to)
        {
            var elapsed = _time.GetElapsedTime(from.At, to.At);
            return elapsed > TimeSpan.Zero ? (to[counted] - from[counted]) / elapsed.TotalSeconds : 0;
        }
    }

    private void Count(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (state is Counted counted) Interlocked.Add(ref _sums[(int)counted], value);
        else CountMissing(value, tags);
        if (state is null or Counted.AuditChecked) Interlocked.Exchange(ref _auditedAt, _time.GetUtcNow().UtcTicks);
    }

    private void CountMissing(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
        {
            if (tag is { Key: AuditKind, Value: string kind } && MissingKinds.TryGetValue(kind, out var counted))
                Interlocked.Add(ref _sums[(int)counted], value);
        }
    }

    private enum Counted
    {
        Sockets,
        Subscriptions,
        Conversations,
        Posts,
        Callbacks,
        Refused,
        Ticks,
        Repairs,
        Conflations,
        Closes,
        AuditChecked,
        MissingFacts,
        MissingChanges,
        MissingDeadLetters,
    }

    private sealed record Sample(long At, long[] Sums, long[] Latency)
    {
        public long this[Counted counted] => Sums[(int)counted];
    }
}
