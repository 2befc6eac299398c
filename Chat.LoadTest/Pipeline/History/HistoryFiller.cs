using System.Diagnostics;
using Chat.LoadTest.Distributed;
using Chat.LoadTest.Faults;

namespace Chat.LoadTest.Pipeline.History;

/// <summary>Brings what is stored of an organization's conversations from one number of messages to the next.</summary>
internal sealed class HistoryFiller(
    HistoryPlan plan, HistoryWriter writer, CommitLog commitLog, CassandraRest cassandra, TimeSpan restWithin) : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(30);

    private long _stored;

    /// <param name="ids">The organization's, whose conversations get the history; they are claimed for it where they are not yet.</param>
    public static async Task<HistoryFiller> StartAsync(
        Fleet fleet, PipelineOptions options, RunIds ids, CancellationToken cancellationToken)
    {
        var writer = new HistoryWriter(options.Servers);
        try
        {
            await writer.ClaimAsync(ids, cancellationToken);
            return new(
                new(ids, options.Stored[^1], TimeProvider.System.GetUtcNow()),
                writer,
                new(options.Servers),
                new(fleet.Servers, options.Servers),
                options.RestWithin);
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    public async Task<Fill> FillAsync(long stored, CancellationToken cancellationToken)
    {
        var added = stored - _stored;
        Progress.Say($"storing {added:N0} messages");
        var started = Stopwatch.GetTimestamp();
        await commitLog.LeaveOutAsync(() => WriteAsync(stored, cancellationToken), cancellationToken);
        var took = Stopwatch.GetElapsedTime(started);
        _stored = stored;
        var rest = await cassandra.WaitAsync(restWithin, cancellationToken);
        var fill = new Fill(stored, added, took, rest);
        Progress.Say($"{stored:N0} stored, {fill.PerSecond:N0}/s; Cassandra at rest after {rest.TotalSeconds:F0} s");
        return fill;
    }

    private async Task WriteAsync(long stored, CancellationToken cancellationToken)
    {
        var (started, before) = (Stopwatch.GetTimestamp(), writer.Written);
        var writing = writer.WriteAsync(plan.Parts(_stored, stored), cancellationToken);
        // Cancelled, the writing ends by itself, in its time.
        while (await Task.WhenAny(writing, Task.Delay(Look, CancellationToken.None)) != writing)
        {
            var written = writer.Written - before;
            Progress.Say($"{written:N0} stored, {written / Stopwatch.GetElapsedTime(started).TotalSeconds:N0}/s");
        }
        await writing;
    }

    public void Dispose() => writer.Dispose();
}
