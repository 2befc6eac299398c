using System.Diagnostics;
using Chat.Core.Limits;
using Chat.Core.Telemetry;
using OpenTelemetry.Trace;

namespace Chat.ServiceDefaults.Tracing;

/// <summary>
/// Samples as the head sampler does, and beyond it: what links something that is sampled (a batch), and, so many a second at most, what
/// tells of a message that failed, was slow or became a dead letter. That only turns out where its trace is under way, in another
/// process than the one that began it: what was not recorded until then stays unrecorded, and all that follows is recorded.
/// </summary>
internal sealed class KeepingSampler(Sampler head, TracingOptions options, TimeProvider time) : Sampler
{
    private const string Failed = "FAILED";

    private readonly Lock _gate = new();
    private readonly TokenBucket _kept = new(options.KeepPerSecond, options.KeepPerSecond, time);

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var result = head.ShouldSample(samplingParameters);
        if (result.Decision != SamplingDecision.Drop) return result;
        foreach (var link in samplingParameters.Links ?? [])
        {
            if ((link.Context.TraceFlags & ActivityTraceFlags.Recorded) != 0) return new(SamplingDecision.RecordAndSample);
        }
        return ReasonToKeep(samplingParameters.Tags) is { } reason && MayKeep()
            ? new(SamplingDecision.RecordAndSample, [new KeyValuePair<string, object>(SpanTags.Kept, reason)])
            : result;
    }

    private string? ReasonToKeep(IEnumerable<KeyValuePair<string, object?>>? tags)
    {
        string? reason = null;
        foreach (var (name, value) in tags ?? [])
        {
            if (name == SpanTags.DeadLetter) return "dead_letter";
            if (name == SpanTags.Status && value is Failed) reason = "failed";
            else if (name == SpanTags.EventAge && value is double seconds && seconds > options.SlowAfter.TotalSeconds) reason ??= "slow";
        }
        return reason;
    }

    // For a bucket, nothing a second is no limit.
    private bool MayKeep()
    {
        if (options.KeepPerSecond == 0) return false;
        lock (_gate) return _kept.TryTake(1, out _);
    }
}
