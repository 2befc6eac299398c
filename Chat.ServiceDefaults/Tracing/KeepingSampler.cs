using System.Diagnostics;
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
    private double _left = options.KeepPerSecond;
    private long _at = time.GetTimestamp();

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

    // A bucket that fills evenly and holds a second's worth.
    private bool MayKeep()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _left = Math.Min(options.KeepPerSecond, _left + (time.GetElapsedTime(_at, now).TotalSeconds * options.KeepPerSecond));
            _at = now;
            if (_left < 1) return false;
            _left--;
            return true;
        }
    }
}
