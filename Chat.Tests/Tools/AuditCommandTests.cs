using Chat.Core.Audit;
using Chat.Core.Log;
using Chat.Core.Statuses;
using Chat.Tests.Audit;
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

        var (code, text) = await RunAsync(_bench.Stores);
        Assert.Equal(0, code);
        Assert.Matches("facts acknowledged +1\n", text);
        Assert.DoesNotContain("has deleted", text, StringComparison.Ordinal);

        (code, text) = await RunAsync(_bench.Tampered(keeps: _ => false));
        Assert.Equal(1, code);
        Assert.Contains($"missing change: SENT of message {key.MessageId}", text, StringComparison.Ordinal);
        Assert.Matches("missing changes +1\n", text);
    }

    [Fact]
    public async Task Audit_when_the_log_has_deleted_events_says_from_when_on_it_is_complete()
    {
        var key = await _bench.PostAsync();
        await _bench.ReportAsync(key, StatusKind.Sent);
        await _bench.WorkAsync();
        _bench.Time.Advance(TimeSpan.FromDays(8));
        await _bench.ReportAsync(key, StatusKind.Delivered);
        await _bench.WorkAsync();
        Assert.Equal(1, await _bench.Log.TrimAsync(AuditFixture.Cancellation));

        var (_, text) = await RunAsync(_bench.Stores);

        Assert.Contains("complete only from 2026-12-01T07:00:00.000Z on", text, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Text)> RunAsync(AuditStores stores)
    {
        var output = new StringWriter { NewLine = "\n" };
        var code = await AuditCommand.RunAsync(
            _bench.Log, _bench.Reader, stores, ConsumerGroup.StatusWorker, _bench.Window, output, AuditFixture.Cancellation);
        return (code, output.ToString());
    }
}
