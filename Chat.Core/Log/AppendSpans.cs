using System.Diagnostics;
using Chat.Core.Telemetry;

namespace Chat.Core.Log;

/// <summary>
/// The spans of appends, the same for every engine: one for each topic. An event that is the only one to its topic is sent within its
/// trace, and its header then names this span. Several are one span that links theirs. A dead letter always has a span of its own, within
/// the trace of the event that it was.
/// </summary>
public sealed class AppendSpans : IDisposable
{
    private const string Operation = "send";

    private readonly List<(Activity Span, int Index)> _spans = [];

    private AppendSpans(IReadOnlyList<NewEvent> events) => Events = events;

    /// <summary>What is to be appended, in the order given.</summary>
    private IReadOnlyList<NewEvent> Events { get; set; }

    /// <summary>Appends, and tells of it where somebody listens.</summary>
    /// <param name="system">OpenTelemetry's name of the log.</param>
    public static ValueTask<IReadOnlyList<EventPosition>> TraceAsync(
        string system,
        IReadOnlyList<NewEvent> events,
        Func<IReadOnlyList<NewEvent>, CancellationToken, ValueTask<IReadOnlyList<EventPosition>>> append,
        CancellationToken cancellationToken) =>
        events.Count == 0 || !ChatTelemetry.Activities.HasListeners()
            ? append(events, cancellationToken)
            : TraceEachAsync(system, events, append, cancellationToken);

    public void Dispose()
    {
        for (var i = _spans.Count - 1; i >= 0; i--) _spans[i].Span.Dispose();
    }

    private static async ValueTask<IReadOnlyList<EventPosition>> TraceEachAsync(
        string system,
        IReadOnlyList<NewEvent> events,
        Func<IReadOnlyList<NewEvent>, CancellationToken, ValueTask<IReadOnlyList<EventPosition>>> append,
        CancellationToken cancellationToken)
    {
        using var spans = new AppendSpans(events);
        spans.Start(system);
        try
        {
            var positions = await append(spans.Events, cancellationToken);
            spans.Appended(positions);
            return positions;
        }
        catch (Exception exception)
        {
            spans.Failed(exception);
            throw;
        }
    }

    private void Start(string system)
    {
        // Each within what is going on here, and not within the one before.
        var ambient = Activity.Current;
        foreach (var topic in Enumerable.Range(0, Events.Count).GroupBy(i => Events[i].Topic))
        {
            int[] indices = [.. topic];
            if (Topics.IsDeadLetter(topic.Key))
            {
                foreach (var index in indices) StartDeadLetter(system, index);
            }
            else if (indices is [var only])
            {
                StartOne(system, only);
            }
            else
            {
                StartBatch(system, topic.Key, [.. indices.Select(i => Events[i])]);
            }
            Activity.Current = ambient;
        }
    }

    private void StartDeadLetter(string system, int index)
    {
        var letter = Events[index];
        var tags = Tags(system, letter.Topic);
        // Not the reason, which may repeat what the event held.
        tags.Add(SpanTags.DeadLetter, string.Join(
            '/',
            HeaderOf(letter, HeaderNames.DeadLetterTopic),
            HeaderOf(letter, HeaderNames.DeadLetterPartition),
            HeaderOf(letter, HeaderNames.DeadLetterOffset)));
        Add(
            ChatTelemetry.Continue($"{Operation} {letter.Topic}", ActivityKind.Producer, TraceOf(letter), tags, mayBeKept: true),
            index);
    }

    private void StartOne(string system, int index)
    {
        var added = Events[index];
        var trace = TraceOf(added);
        var tags = Tags(system, added.Topic);
        tags.Add(SpanTags.Key, added.Key);
        // Within what is going on here; where that is not traced, within what the event comes from.
        var name = $"{Operation} {added.Topic}";
        var span = ChatTelemetry.StartWithin(name, ActivityKind.Producer, tags)
            ?? ChatTelemetry.Continue(name, ActivityKind.Producer, trace, tags);
        Add(span, index);
        if (span?.Id is { } id)
        {
            EventHeader[] headers =
                [.. (added.Headers ?? []).Where(h => h.Name != HeaderNames.TraceParent), new(HeaderNames.TraceParent, id)];
            Events = [.. Events.Select((e, i) => i == index ? added with { Headers = headers } : e)];
        }
    }

    private void StartBatch(string system, string topic, IReadOnlyList<NewEvent> events)
    {
        var tags = Tags(system, topic);
        tags.Add(SpanTags.BatchCount, events.Count);
        var name = $"{Operation} {topic}";
        Add(
            ChatTelemetry.StartWithin(name, ActivityKind.Client, tags)
                ?? ChatTelemetry.StartLinked(name, ActivityKind.Client, events.Select(TraceOf), tags),
            index: -1);
    }

    private void Add(Activity? span, int index)
    {
        if (span is not null) _spans.Add((span, index));
    }

    private void Appended(IReadOnlyList<EventPosition> positions)
    {
        foreach (var (span, index) in _spans)
        {
            if (index < 0) continue;
            span.SetTag(SpanTags.Partition, positions[index].Partition.ToString()).SetTag(SpanTags.Offset, positions[index].Offset);
        }
    }

    private void Failed(Exception exception)
    {
        foreach (var (span, _) in _spans)
            span.SetStatus(ActivityStatusCode.Error).SetTag(SpanTags.ErrorType, exception.GetType().FullName);
    }

    private static ActivityTagsCollection Tags(string system, string topic) => new()
    {
        { SpanTags.MessagingSystem, system },
        { SpanTags.OperationName, Operation },
        { SpanTags.OperationType, Operation },
        { SpanTags.Destination, topic },
    };

    private static string? TraceOf(NewEvent added) => TraceContext.Read(HeaderOf(added, HeaderNames.TraceParent));

    private static string? HeaderOf(NewEvent added, string name)
    {
        foreach (var header in added.Headers ?? [])
        {
            if (header.Name == name) return header.Value;
        }
        return null;
    }
}
