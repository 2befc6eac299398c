using System.Diagnostics;
using Chat.Core.Log;
using Chat.Core.Telemetry;

namespace Chat.Tests.Telemetry;

/// <summary>The spans of appends and of batches, each by itself.</summary>
[Collection(SpanListening.Name)]
public sealed class MessagingSpansTests : IDisposable
{
    private const string First = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private const string Second = "00-1af7651916cd43dd8448eb211c80319c-c7ad6b7169203331-01";
    private const string Unsampled = "00-2af7651916cd43dd8448eb211c80319c-d7ad6b7169203331-00";
    private static readonly SpanSource Source = new("kafka", "msg.status", "status-worker", 3);

    private readonly List<Activity> _spans = [];
    private readonly ActivityListener _listener;
    private IReadOnlyList<NewEvent> _appended = [];

    public MessagingSpansTests()
    {
        _listener = new()
        {
            ShouldListenTo = static source => source.Name == ChatTelemetry.Name,
            // As a head sampler that samples nothing by itself.
            Sample = static (ref ActivityCreationOptions<ActivityContext> options) =>
                (options.Parent.TraceFlags & ActivityTraceFlags.Recorded) != 0 || (options.Links ?? []).Any()
                    || (options.Tags ?? []).Any(t => t.Key == SpanTags.DeadLetter || t.Value is "FAILED" or > 1.0)
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.PropagationData,
            ActivityStopped = span =>
            {
                if (span.Recorded) _spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task One_event_is_sent_within_its_trace_and_its_header_names_the_span()
    {
        await AppendAsync(Event("messages", First, new EventHeader("other", "stays")));

        var span = Assert.Single(_spans);
        Assert.Equal(("send messages", ActivityKind.Producer), (span.DisplayName, span.Kind));
        Assert.Equal(First[36..52], span.ParentSpanId.ToHexString());
        Assert.Equal([new("other", "stays"), new(HeaderNames.TraceParent, span.Id!)], Assert.Single(_appended).Headers!);
        AssertTags(
            span,
            (SpanTags.MessagingSystem, "kafka"),
            (SpanTags.OperationName, "send"),
            (SpanTags.OperationType, "send"),
            (SpanTags.Destination, "messages"),
            (SpanTags.Key, "key"),
            (SpanTags.Partition, "2"),
            (SpanTags.Offset, 40L));
    }

    [Fact]
    public async Task Several_events_are_one_span_that_links_those_that_are_sampled_and_keep_their_headers()
    {
        await AppendAsync([.. new[] { First, Unsampled, Second, null }.Select(trace => Event("msg.status", trace))]);

        var span = Assert.Single(_spans);
        Assert.Equal(("send msg.status", ActivityKind.Client, null), (span.DisplayName, span.Kind, span.ParentId));
        Assert.Equal([First[3..35], Second[3..35]], span.Links.Select(l => l.Context.TraceId.ToHexString()));
        Assert.Equal(4, span.GetTagItem(SpanTags.BatchCount));
        Assert.Equal([First, Unsampled, Second, null], _appended.Select(e => e.Headers?.Single().Value));
    }

    [Fact]
    public async Task Events_of_traces_that_are_not_sampled_have_no_span_and_keep_their_headers()
    {
        await AppendAsync(Event("messages", Unsampled));
        await AppendAsync(Event("messages", Unsampled), Event("messages", null));

        Assert.Empty(_spans);
        Assert.Equal(Unsampled, _appended[0].Headers!.Single().Value);
        Assert.Null(Activity.Current);
    }

    [Fact]
    public async Task A_dead_letter_has_a_span_of_its_own_whether_its_trace_is_sampled_or_not()
    {
        var letter = DeadLetters.From(
            new("messages", 1),
            new LogEvent(7, "key", "segredo"u8.ToArray(), default, [new(HeaderNames.TraceParent, Unsampled)]),
            "because of segredo");

        await AppendAsync(Event("msg.out.whatsapp", First), letter, Event("msg.status", First));

        Assert.Equal(["send messages.dlq", "send msg.out.whatsapp", "send msg.status"], _spans.Select(s => s.DisplayName).Order());
        var span = _spans.Single(s => s.DisplayName == "send messages.dlq");
        Assert.Equal(Unsampled[3..35], span.TraceId.ToHexString());
        AssertTags(span, (SpanTags.DeadLetter, "messages/1/7"), (SpanTags.Offset, 41L));
        Assert.All(_spans.Where(s => s != span), s => Assert.Equal(First[36..52], s.ParentSpanId.ToHexString()));
        Assert.DoesNotContain(span.TagObjects, t => $"{t.Value}".Contains("segredo", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Appends_to_several_topics_have_a_span_for_each_and_only_what_is_alone_in_its_topic_names_it()
    {
        await AppendAsync(Event("msg.status", First), Event("msg.out.whatsapp", First), Event("msg.status", Second));

        Assert.Equal(["send msg.out.whatsapp", "send msg.status"], _spans.Select(s => s.DisplayName).Order());
        var alone = _spans.Single(s => s.DisplayName == "send msg.out.whatsapp");
        Assert.Equal(2, _spans.Single(s => s != alone).GetTagItem(SpanTags.BatchCount));
        Assert.Equal([First, alone.Id, Second], _appended.Select(e => e.Headers?.Single().Value));
        AssertTags(alone, (SpanTags.Offset, 41L));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public async Task An_append_that_fails_says_so_and_fails()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await AppendSpans.TraceAsync(
            "kafka", [Event("messages", First)], (_, _) => throw new InvalidOperationException(), TestContext.Current.CancellationToken));

        var span = Assert.Single(_spans);
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        AssertTags(span, (SpanTags.ErrorType, typeof(InvalidOperationException).FullName));
    }

    [Fact]
    public void Only_event_of_a_batch_has_the_work_on_it_within_its_span()
    {
        using (var spans = new ProcessSpans(Source, [First]))
        {
            var trace = spans.Continue(new(First, 7, "key", Guid.Empty, Guid.Empty, "SENT", TimeSpan.FromSeconds(0.5)));
            spans.Enter();
            Assert.Equal(trace, Activity.Current?.Id);
            using var publish = ChatTelemetry.StartWithin("send", ActivityKind.Client, []);
            Assert.Equal(trace, publish?.ParentId);
        }

        var span = _spans.Single(s => s.DisplayName == "process msg.status");
        Assert.Equal((ActivityKind.Consumer, First[36..52]), (span.Kind, span.ParentSpanId.ToHexString()));
        AssertTags(
            span,
            (SpanTags.MessagingSystem, "kafka"),
            (SpanTags.OperationName, "process"),
            (SpanTags.OperationType, "process"),
            (SpanTags.Destination, "msg.status"),
            (SpanTags.Partition, "3"),
            (SpanTags.ConsumerGroup, "status-worker"),
            (SpanTags.Offset, 7L),
            (SpanTags.Key, "key"),
            (SpanTags.ConversationId, $"{Guid.Empty}"),
            (SpanTags.MessageId, $"{Guid.Empty}"),
            (SpanTags.Status, "SENT"),
            (SpanTags.EventAge, 0.5));
    }

    [Fact]
    public void Batch_of_several_is_a_trace_of_its_own_that_links_theirs_and_theirs_link_it()
    {
        string?[] traces = [First, Unsampled, Second, null];
        using (var spans = new ProcessSpans(Source, traces))
        {
            var passedOn = traces.Select((t, i) => spans.Continue(new(t, i, "key", null, null))).ToList();
            spans.Enter();
            Assert.Equal([First[..35], Unsampled, Second[..35], null], passedOn.Select(t => TraceContext.IsSampled(t) ? t![..35] : t));
            Assert.DoesNotContain(First, passedOn);
        }

        var batch = _spans.Single(s => s.GetTagItem(SpanTags.BatchCount) is 4);
        Assert.Null(batch.ParentId);
        Assert.Equal([First[3..35], Second[3..35]], batch.Links.Select(l => l.Context.TraceId.ToHexString()));
        Assert.Equal(3, _spans.Count);
        Assert.All(
            _spans.Where(s => s != batch), s => Assert.Equal(batch.SpanId, Assert.Single(s.Links).Context.SpanId));
    }

    [Theory]
    [InlineData("FAILED", 0, true)]
    [InlineData("READ", 0, false)]
    [InlineData("READ", 2000, true)]
    [InlineData("READ", 500, false)]
    [InlineData("READ", 50, false)]
    public void Event_of_a_trace_that_is_not_sampled_is_taken_on_where_the_sampler_keeps_it(string status, int milliseconds, bool isKept)
    {
        using var spans = new ProcessSpans(Source, [Unsampled]);

        var passedOn = spans.Continue(new(Unsampled, 7, "key", null, null, status, TimeSpan.FromMilliseconds(milliseconds)));

        Assert.Equal(Unsampled[..35], passedOn![..35]);
        Assert.Equal(isKept, TraceContext.IsSampled(passedOn));
        Assert.Equal(isKept, passedOn != Unsampled);
    }

    [Theory]
    [InlineData(First, true)]
    [InlineData(Unsampled, false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03", true)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff", true)]
    [InlineData("01", false)]
    [InlineData(null, false)]
    public void Sampled_is_what_the_lowest_flag_says(string? traceParent, bool expected) =>
        Assert.Equal(expected, TraceContext.IsSampled(traceParent));

    private static NewEvent Event(string topic, string? traceParent, params EventHeader[] more) => new(
        topic, "key", "{}"u8.ToArray(), traceParent is null ? null : [new(HeaderNames.TraceParent, traceParent), .. more]);

    private static void AssertTags(Activity span, params (string Name, object? Value)[] expected)
    {
        foreach (var (name, value) in expected) Assert.Equal((name, value), (name, span.GetTagItem(name)));
    }

    private async Task AppendAsync(params NewEvent[] events) => await AppendSpans.TraceAsync(
        "kafka",
        events,
        (appended, _) =>
        {
            _appended = appended;
            return new([.. appended.Select((_, i) => new EventPosition(2, 40 + i))]);
        },
        TestContext.Current.CancellationToken);
}
