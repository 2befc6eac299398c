namespace Chat.Client.Protocol;

/// <summary>A status that was shown, as it is reported.</summary>
/// <param name="ConversationId">The conversation; the socket watches it.</param>
/// <param name="MessageId">The message.</param>
/// <param name="Timestamp">As the status' frame had it.</param>
/// <param name="TraceParent">As the frame had it (W3C Trace Context); null where it had none.</param>
/// <param name="Ago">How long before the report it was shown; one minute at most.</param>
public readonly record struct ShownItem(
    Guid ConversationId, Guid MessageId, DateTimeOffset Timestamp, string? TraceParent, TimeSpan Ago);

/// <summary>
/// Gathers the statuses that were shown for a second, and reports them in one frame of bounded size; what is beyond that is not
/// reported. What was shown on a connection that is gone is not either.
/// </summary>
internal sealed class ShownReport(ConnectionMachine connection)
{
    private const int MaxItems = 50;
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestAgo = TimeSpan.FromMinutes(1);

    private readonly List<(ShownItem Item, TimeSpan At)> _shown = [];
    private int _attempt;

    /// <summary>When the next report is due; null where there is nothing to report.</summary>
    public TimeSpan? NextDue => _shown.Count == 0 ? null : _shown[0].At + Delay;

    public void Note(Guid conversationId, Guid messageId, DateTimeOffset timestamp, string? traceParent, TimeSpan now)
    {
        if (_attempt != connection.Attempt) _shown.Clear();
        _attempt = connection.Attempt;
        if (_shown.Count < MaxItems) _shown.Add((new(conversationId, messageId, timestamp, traceParent, TimeSpan.Zero), now));
    }

    public void Tick(TimeSpan now)
    {
        if (!(NextDue <= now)) return;
        // A process that stood still says too late what the server then no longer takes.
        var items = _shown.Where(s => now - s.At <= LongestAgo).Select(s => s.Item with { Ago = now - s.At }).ToList();
        _shown.Clear();
        if (_attempt == connection.Attempt && items.Count > 0) connection.Send(ClientFrames.Shown(items));
    }
}
