using Chat.MetaSimulator.Accounts;

namespace Chat.MetaSimulator.Errors;

/// <summary>An error that somebody asked for.</summary>
/// <param name="Recipient">Only what goes to this person; null for all.</param>
/// <param name="ByWebhook">Whether it comes as a <c>failed</c> status, after the message was taken.</param>
public sealed record PlannedError(string Channel, string? AccountId, string? Recipient, GraphError Error, bool ByWebhook);

/// <summary>What was asked for and is still to come.</summary>
public sealed class PlannedErrors
{
    private readonly List<Entry> _entries = [];

    public int Count => _entries.Count;

    /// <param name="times">How often; null without end.</param>
    public void Add(PlannedError error, int? times) => _entries.Add(new(error) { Left = times });

    public void Clear() => _entries.Clear();

    /// <summary>The next error for a message, which is used up; null where none was asked for.</summary>
    public GraphError? Take(MetaAccount account, string recipient, bool byWebhook)
    {
        var entry = _entries.Find(e =>
            e.Error.ByWebhook == byWebhook
            && e.Error.Channel == account.Channel
            && (e.Error.AccountId is null || e.Error.AccountId == account.Id)
            && (e.Error.Recipient is null || e.Error.Recipient == recipient));
        if (entry is null) return null;
        if (entry.Left is { } left)
        {
            entry.Left = left - 1;
            if (left <= 1) _entries.Remove(entry);
        }
        return entry.Error.Error;
    }

    private sealed class Entry(PlannedError error)
    {
        public PlannedError Error { get; } = error;

        public int? Left { get; set; }
    }
}
