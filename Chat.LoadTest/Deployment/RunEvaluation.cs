using Chat.Client;

namespace Chat.LoadTest.Deployment;

/// <summary>Counts and figures, from what the run noted.</summary>
internal static class RunEvaluation
{
    /// <summary>As the report's tables name them.</summary>
    public const string Post = "POST";

    // More would say no more, and make a report of a run that lost everything unreadable.
    private const int MostNamed = 10_000;

    public static TickCounts CountTicks(IEnumerable<TickedMessage> messages, IReadOnlyList<Guid> conversations, WatchPlan plan)
    {
        var counts = TickedMessage.Ticks.Append(MessageStatus.Failed).ToDictionary(s => s, s => new TickCount(Name(s), 0, 0, 0));
        var missing = new List<MissingTicks>();
        var failed = 0L;
        foreach (var message in messages)
        {
            var expected = message.Expected;
            if (message.IsFailed) failed++;
            for (var slot = 0; slot < message.Sockets; slot++)
            {
                var absent = expected.Where(s => message.ShownAt(slot, s) == 0).ToList();
                foreach (var status in expected) counts[status] = Count(counts[status], absent.Contains(status));
                if (absent.Count == 0 || missing.Count == MostNamed) continue;
                missing.Add(new(
                    message.Id, conversations[message.Conversation], plan.SocketsOf(message.Conversation)[slot], [.. absent.Select(Name)]));
            }
        }
        // FAILED is no tick that is waited for: it has a row only where there was any.
        return new(failed, [.. counts.Values.Where(c => c.Expected > 0 || c.Status != Name(MessageStatus.Failed))], missing);
    }

    /// <summary>POST, and each tick since it, of what was measured; and of the sockets.</summary>
    public static IReadOnlyList<LatencySeries> Series(IEnumerable<TickedMessage> messages, IReadOnlyList<SocketWatcher> watchers)
    {
        var post = new LatencyHistogram();
        var ticks = TickedMessage.Ticks.ToDictionary(s => s, _ => new LatencyHistogram());
        foreach (var message in messages.Where(m => m.IsMeasured))
        {
            post.Record(message.DueAt, message.AcknowledgedAt);
            foreach (var status in TickedMessage.Ticks)
            {
                for (var slot = 0; slot < message.Sockets; slot++)
                {
                    if (message.ShownAt(slot, status) is > 0 and var at) ticks[status].Record(message.DueAt, at);
                }
            }
        }
        var (connect, subscribe) = (new LatencyHistogram(), new LatencyHistogram());
        foreach (var watcher in watchers)
        {
            connect.Record(watcher.ConnectTime);
            subscribe.Record(watcher.SubscribeTime);
        }
        return
        [
            LatencySeries.Of(Post, "from the time the post was due to its 202", post),
            .. TickedMessage.Ticks.Select(s => LatencySeries.Of(
                $"{Post} to {Name(s)}", "from the time the post was due to the tick on a socket", ticks[s])),
            LatencySeries.Of("connect", "from the attempt to the open socket", connect),
            LatencySeries.Of("subscribe", "from the open socket to the answer to its last subscription", subscribe),
        ];
    }

    public static IReadOnlyList<Limit> Judge(
        RunOptions options, PostCounts posts, TickCounts ticks, IReadOnlyList<LatencySeries> series, ProcessFigures? process) =>
    [
        Latest(options, series[0]),
        Latest(options, series[1]),
        AtMost("--max-missing", "missing ticks", options.MaxMissing, ticks.MissingTicks),
        AtMost("--max-refused", "posts without a 202", options.MaxRefused, posts.NotAccepted),
        AtMost("--max-failed", "messages shown as FAILED", options.MaxFailed, ticks.Failed),
        .. process?.Growth is { } growth ? [Growth(options, growth)] : Array.Empty<Limit>(),
    ];

    private static string Name(MessageStatus status) => status.ToString().ToUpperInvariant();

    private static TickCount Count(TickCount count, bool isMissing) => count with
    {
        Expected = count.Expected + 1,
        Shown = count.Shown + (isMissing ? 0 : 1),
        Missing = count.Missing + (isMissing ? 1 : 0),
    };

    // Where nothing was measured, nothing was in time.
    private static Limit Latest(RunOptions options, LatencySeries series) => new(
        "--max-p99",
        $"99th percentile of {series.Name}",
        $"{options.MaxP99.TotalMilliseconds:N0} ms",
        series.Ms.Count == 0 ? "none measured" : $"{series.Ms.P99:N1} ms",
        series.Ms.Count > 0 && series.Ms.P99 <= options.MaxP99.TotalMilliseconds);

    private static Limit Growth(RunOptions options, double growth) => new(
        "--max-growth", "growth of the server's memory", $"{options.MaxGrowth} %", $"{growth:P1}", growth * 100 <= options.MaxGrowth);

    private static Limit AtMost(string option, string what, long most, long measured) =>
        new(option, what, $"{most:N0}", $"{measured:N0}", measured <= most);
}
