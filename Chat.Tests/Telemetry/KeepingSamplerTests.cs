using System.Diagnostics;
using Chat.Core;
using Chat.Core.Telemetry;
using Chat.ServiceDefaults.Tracing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Trace;

namespace Chat.Tests.Telemetry;

/// <summary>Which spans are made: by the head sampler that the settings name, and of those it left out the ones worth keeping.</summary>
public sealed class KeepingSamplerTests
{
    private static readonly ActivityContext Sampled = new(
        ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true);

    private static readonly ActivityContext Unsampled = new(
        ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.None, isRemote: true);

    private readonly FakeTimeProvider _time = new();

    public static TheoryData<string, object?, string?> Reasons => new()
    {
        { SpanTags.Status, "FAILED", "failed" },
        { SpanTags.Status, "READ", null },
        { SpanTags.DeadLetter, "messages/0/7", "dead_letter" },
        { SpanTags.EventAge, 1.001, "slow" },
        { SpanTags.EventAge, 1.0, null },
        { SpanTags.MessageId, "FAILED", null },
    };

    [Theory]
    [MemberData(nameof(Reasons))]
    public void What_failed_was_slow_or_is_a_dead_letter_is_kept_and_says_why(string tag, object? value, string? expected)
    {
        var result = Ask(Sampler(), Unsampled, (tag, value));

        Assert.Equal(expected is null ? SamplingDecision.Drop : SamplingDecision.RecordAndSample, result.Decision);
        Assert.Equal(expected, result.Attributes.SingleOrDefault(a => a.Key == SpanTags.Kept).Value);
    }

    [Fact]
    public void Only_so_many_are_kept_in_a_second()
    {
        var sampler = Sampler(options => options.KeepPerSecond = 2);
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => Keeps()));

        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal([true, false], Enumerable.Range(0, 2).Select(_ => Keeps()));
        // However long nothing was kept: a second's worth, no more.
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => Keeps()));

        bool Keeps() => Ask(sampler, Unsampled, (SpanTags.Status, "FAILED")).Decision == SamplingDecision.RecordAndSample;
    }

    [Fact]
    public void None_is_kept_where_that_is_switched_off() => Assert.Equal(
        SamplingDecision.Drop,
        Ask(Sampler(options => options.KeepPerSecond = 0), Unsampled, (SpanTags.Status, "FAILED")).Decision);

    [Fact]
    public void What_continues_a_sampled_trace_or_links_one_is_sampled_and_was_not_kept()
    {
        var sampler = Sampler();

        var continued = Ask(sampler, Sampled, (SpanTags.Status, "FAILED"));
        var batch = Ask(sampler, default, links: [new(Unsampled), new(Sampled)]);
        var nobody = Ask(sampler, default, links: [new(Unsampled)]);

        Assert.Equal(SamplingDecision.RecordAndSample, continued.Decision);
        Assert.Empty(continued.Attributes);
        Assert.Equal(SamplingDecision.RecordAndSample, batch.Decision);
        Assert.Equal(SamplingDecision.Drop, nobody.Decision);
    }

    /// <param name="expected">Of a root that a low ratio samples, one that no ratio below 1 does, and of children of each kind.</param>
    [Theory]
    [InlineData(null, null, null, "1110")]
    [InlineData(0.25, "always_on", null, "1010")]
    [InlineData(0.0, null, null, "0010")]
    [InlineData(null, "always_on", null, "1111")]
    [InlineData(null, "always_off", null, "0000")]
    [InlineData(null, " Parentbased_Always_Off ", null, "0010")]
    [InlineData(null, "traceidratio", "0.5", "1011")]
    [InlineData(null, "parentbased_always_on", "0.5", "1110")]
    [InlineData(null, "parentbased_traceidratio", "0.01", "1010")]
    [InlineData(null, "parentbased_traceidratio", null, "1110")]
    public void Head_sampler_is_ours_or_the_one_of_the_standard_s_variables(double? ratio, string? name, string? argument, string expected)
    {
        var sampler = StandardSampler.From(ratio, Settings(name, argument));
        var low = ActivityTraceId.CreateFromString("00000000000000010000000000000001");
        var high = ActivityTraceId.CreateFromString("7ffffffffffffff00000000000000001");

        var decisions = new[] { (default, low), (default, high), (Sampled, low), (Unsampled, low) }.Select(asked =>
            sampler.ShouldSample(new(asked.Item1, asked.Item2, "name", ActivityKind.Server)).Decision == SamplingDecision.Drop ? '0' : '1');

        Assert.Equal(expected, string.Concat(decisions));
    }

    [Theory]
    [InlineData("jaeger_remote", null, StandardSampler.Name)]
    [InlineData("traceidratio", "2", StandardSampler.Argument)]
    [InlineData("traceidratio", "a half", StandardSampler.Argument)]
    [InlineData("parentbased_traceidratio", "-0.1", StandardSampler.Argument)]
    public void Sampler_that_there_is_not_is_said_with_its_variable(string name, string? argument, string named) => Assert.Contains(
        named,
        Assert.Throws<StartUpException>(() => StandardSampler.From(null, Settings(name, argument))).Message,
        StringComparison.Ordinal);

    private static IConfiguration Settings(string? name, string? argument) => new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?> { [StandardSampler.Name] = name, [StandardSampler.Argument] = argument })
        .Build();

    private KeepingSampler Sampler(Action<TracingOptions>? change = null)
    {
        var options = new TracingOptions();
        change?.Invoke(options);
        return new(new ParentBasedSampler(new AlwaysOffSampler()), options, _time);
    }

    private static SamplingResult Ask(
        Sampler sampler, ActivityContext parent, (string Name, object? Value)? tag = null, IEnumerable<ActivityLink>? links = null)
    {
        KeyValuePair<string, object?>[] tags = tag is { } t ? [new(t.Name, t.Value)] : [];
        return sampler.ShouldSample(new(parent, ActivityTraceId.CreateRandom(), "name", ActivityKind.Consumer, tags, links));
    }
}
