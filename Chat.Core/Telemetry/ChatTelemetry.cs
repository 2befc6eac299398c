using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Chat.Core.Telemetry;

/// <summary>
/// The one source of spans and meter of instruments; OpenTelemetry's names where they exist, <c>chat.</c> where not.
/// </summary>
public static class ChatTelemetry
{
    public const string Name = "Chat";

    /// <summary>
    /// What is younger is not slow, whatever the settings say: the sampler is not asked about each event of a trace that it left out.
    /// </summary>
    public static readonly TimeSpan LeastSlow = TimeSpan.FromMilliseconds(100);

    public static readonly ActivitySource Activities = new(Name);

    public static readonly Meter Meter = new(Name);

    /// <summary>
    /// A span that continues the trace of an event or payload; null where nobody listens, it carries no trace context, or its trace is
    /// not sampled. It is current until it ends.
    /// </summary>
    /// <param name="mayBeKept">That its tags may be a reason to sample it where its trace is not.</param>
    /// <param name="startedAt">When it began; now where default.</param>
    public static Activity? Continue(
        string name,
        ActivityKind kind,
        string? traceParent,
        ActivityTagsCollection tags,
        bool mayBeKept = false,
        DateTimeOffset startedAt = default) =>
        traceParent is not null
        && (mayBeKept || TraceContext.IsSampled(traceParent))
        && Activities.HasListeners()
        && ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent)
            ? Recorded(Activities.StartActivity(name, kind, parent, tags, startTime: startedAt))
            : null;

    /// <summary>A span within the current one; null where that is not recorded, or there is none.</summary>
    public static Activity? StartWithin(string name, ActivityKind kind, ActivityTagsCollection tags) =>
        Activity.Current is { IsAllDataRequested: true } current && Activities.HasListeners()
            ? Recorded(Activities.StartActivity(name, kind, current.Context, tags))
            : null;

    /// <summary>A span of a trace of its own that links others; null where nobody listens or none of them is sampled.</summary>
    /// <param name="startedAt">When it began; now where default.</param>
    public static Activity? StartLinked(
        string name,
        ActivityKind kind,
        IEnumerable<string?> traceParents,
        ActivityTagsCollection tags,
        DateTimeOffset startedAt = default)
    {
        if (!Activities.HasListeners()) return null;
        var links = SampledLinks(traceParents);
        if (links.Count == 0) return null;
        var ambient = Activity.Current;
        Activity.Current = null;
        var span = Recorded(Activities.StartActivity(name, kind, parentContext: default, tags, links, startedAt));
        if (span is null) Activity.Current = ambient;
        return span;
    }

    /// <summary>Links to those that are sampled, each once, as many as a span takes.</summary>
    public static IReadOnlyList<ActivityLink> SampledLinks(IEnumerable<string?> traceParents)
    {
        const int MaxLinks = 128;
        List<ActivityLink>? links = null;
        foreach (var traceParent in traceParents.Where(TraceContext.IsSampled).Distinct().Take(MaxLinks))
        {
            if (ActivityContext.TryParse(traceParent, null, isRemote: true, out var context)) (links ??= []).Add(new(context));
        }
        return links ?? [];
    }

    // One that is made to pass its context on, since nobody sampled it, has nothing to tell that its parent's does not.
    private static Activity? Recorded(Activity? span)
    {
        if (span is null or { IsAllDataRequested: true }) return span;
        span.Dispose();
        return null;
    }
}
