using Chat.Core.Log;
using Chat.Core.Statuses;
using Chat.Core.Store;
using Chat.Tests.Audit;
using Chat.Tools;
using Chat.Tools.Audit;

namespace Chat.Tests.Tools;

public sealed class AuditCommandTests : IDisposable
{
    private readonly AuditFixture _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task It_ends_with_0_where_nothing_is_missing_and_with_1_and_its_name_where_something_is()
    {
        var key = await _bench.PostAsync();
        await _bench.ReportAsync(key, StatusKind.Sent);
        await _bench.WorkAsync();

        var (code, text) = await RunAsync(_bench.Store);
        Assert.Equal(0, code);
        Assert.Matches("facts acknowledged +1\n", text);
        Assert.DoesNotContain("let go", text, StringComparison.Ordinal);

        (code, text) = await RunAsync(_bench.Tampered(keeps: _ => false));
        Assert.Equal(1, code);
        Assert.Contains($"missing change: SENT of message {key.MessageId}", text, StringComparison.Ordinal);
        Assert.Matches("missing changes +1\n", text);
    }

    [Fact]
    public async Task It_says_from_when_on_it_could_see_where_the_log_let_go_of_events()
    {
        var key = await _bench.PostAsync();
        await _bench.ReportAsync(key, StatusKind.Sent);
        await _bench.WorkAsync();
        _bench.Time.Advance(TimeSpan.FromDays(8));
        await _bench.ReportAsync(key, StatusKind.Delivered);
        await _bench.WorkAsync();
        Assert.Equal(1, await _bench.Log.TrimAsync(AuditFixture.Cancellation));

        var (_, text) = await RunAsync(_bench.Store);

        Assert.Contains("complete only from 2026-12-01T07:00:00.000Z on", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--last", "--last")]
    [InlineData("--last", "--last", "1x")]
    [InlineData("--last", "--last", "-1h")]
    [InlineData("--last", "--last", "99999999999d")]
    [InlineData("--to", "--from", "2026-11-23T10:00Z")]
    [InlineData("--from", "--from", "2026-11-23T10:00Z", "--to", "2026-11-23T10:00Z")]
    [InlineData("--from", "--from", "0001-01-01", "--to", "2026-11-23T10:00Z")]
    [InlineData("either", "--last", "1h", "--from", "2026-11-23T10:00Z", "--to", "2026-11-23T11:00Z")]
    [InlineData("list", "list")]
    public void What_is_wrong_with_the_arguments_is_named(string named, params string[] args) =>
        Assert.Contains(named, Assert.Throws<ArgumentException>(() => AuditCommandOptions.Parse(args)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_window_counts_back_from_now_or_is_the_one_given()
    {
        var now = AuditFixture.Now;
        Assert.Equal(new(now.AddHours(-1), now, now.AddSeconds(-30)), AuditCommandOptions.Parse([]).Window(now));
        Assert.Equal(new(now.AddDays(-2), now, now), AuditCommandOptions.Parse(["--last", "2d", "--grace", "0s"]).Window(now));
        Assert.Equal(
            new(now.AddHours(-3), now.AddHours(-2), now.AddSeconds(-30)),
            AuditCommandOptions.Parse(["--from", "2026-11-23T04:00Z", "--to", "2026-11-23T05:00"]).Window(now));
    }

    [Fact]
    public void A_server_that_cannot_be_reached_is_told_from_a_defect()
    {
        Assert.True(EngineFailure.IsOne(new Confluent.Kafka.KafkaException(Confluent.Kafka.ErrorCode.Local_AllBrokersDown)));
        Assert.False(EngineFailure.IsOne(new FormatException()));
    }

    private async Task<(int Code, string Text)> RunAsync(IMessageStore store)
    {
        var output = new StringWriter { NewLine = "\n" };
        var code = await AuditCommand.RunAsync(
            _bench.Log, _bench.Reader, store, ConsumerGroup.StatusWorker, _bench.Window, output, AuditFixture.Cancellation);
        return (code, output.ToString());
    }
}
