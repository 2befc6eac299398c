using System.Diagnostics;

namespace Chat.Core.Telemetry;

/// <summary>Where a batch of events is from.</summary>
/// <param name="System">OpenTelemetry's name of the log: <c>kafka</c>, or one of ours.</param>
public readonly record struct SpanSource(string System, string Topic, string Group, int Partition);

/// <summary>An event of the batch, as its span tells of it.</summary>
/// <param name="Status">Of a status event; null for others.</param>
/// <param name="Age">Since the log took it; null where nobody looks at that.</param>
public readonly record struct SpanEvent(
    string? TraceParent,
    long Offset,
    string? Key,
    Guid? ConversationId,
    Guid? MessageId,
    string? Status = null,
    TimeSpan? Age = null);

/// <summary>
/// The consumer spans of a batch, until it is done. Each event whose trace is sampled has one within that trace, side by side; where the
/// batch has several events, the work that they share is in a span of its own, in a trace of its own, which links theirs. None where
/// nobody listens.
/// </summary>
public sealed class ProcessSpans : IDisposable
{
    private const string Failed = "FAILED";
    private const string Operation = "process";

    private readonly SpanSource _source;
    private readonly string _name;
    private readonly DateTimeOffset _startedAt;
    private readonly Activity? _batch;
    private List<Activity>? _spans;

    /// <param name="traceParents">Those that the batch's events came with.</param>
    /// <param name="startedAt">When the work on them began; now where default.</param>
    public ProcessSpans(SpanSource source, IReadOnlyCollection<string?> traceParents, DateTimeOffset startedAt = default)
    {
        (_source, _name, _startedAt) = (source, $"{Operation} {source.Topic}", startedAt);
        if (traceParents.Count < 2) return;
        var ambient = Activity.Current;
        _batch = ChatTelemetry.StartLinked(
            _name, ActivityKind.Consumer, traceParents, new(Tags()) { { SpanTags.BatchCount, traceParents.Count } }, startedAt);
        Activity.Current = ambient;
    }

    /// <summary>
    /// Starts an event's span. Answers with the trace to pass on: the span's, or the event's where there is no span.
    /// </summary>
    public string? Continue(in SpanEvent source)
    {
        if (source.TraceParent is null || !ChatTelemetry.Activities.HasListeners()) return source.TraceParent;
        var mayBeKept = source.Status == Failed || source.Age >= ChatTelemetry.LeastSlow;
        if (!mayBeKept && !TraceContext.IsSampled(source.TraceParent)) return source.TraceParent;
        var tags = new ActivityTagsCollection(Tags())
        {
            { SpanTags.Offset, source.Offset },
            { SpanTags.Key, source.Key },
            { SpanTags.ConversationId, source.ConversationId?.ToString() },
            { SpanTags.MessageId, source.MessageId?.ToString() },
        };
        if (source.Status is not null) tags.Add(SpanTags.Status, source.Status);
        if (source.Age is { } age) tags.Add(SpanTags.EventAge, age.TotalSeconds);
        var ambient = Activity.Current;
        // Side by side, not nested.
        Activity.Current = null;
        var span = ChatTelemetry.Continue(_name, ActivityKind.Consumer, source.TraceParent, tags, mayBeKept, _startedAt);
        Activity.Current = ambient;
        if (span is null) return source.TraceParent;
        if (_batch is not null) span.AddLink(new(_batch.Context));
        (_spans ??= []).Add(span);
        return span.Id;
    }

    /// <summary>What is done from here on is within the batch's span, or within that of its only event.</summary>
    public void Enter()
    {
        if (_batch is not null) Activity.Current = _batch;
        else if (_spans is [var only]) Activity.Current = only;
    }

    public void Dispose()
    {
        foreach (var span in _spans ?? []) span.Dispose();
        _batch?.Dispose();
    }

    private KeyValuePair<string, object?>[] Tags() =>
    [
        new(SpanTags.MessagingSystem, _source.System),
        new(SpanTags.OperationName, Operation),
        new(SpanTags.OperationType, Operation),
        new(SpanTags.Destination, _source.Topic),
        new(SpanTags.Partition, _source.Partition.ToString()),
        new(SpanTags.ConsumerGroup, _source.Group),
    ];
}
