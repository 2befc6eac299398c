using Chat.MetaSimulator.Accounts;

namespace Chat.MetaSimulator.Webhooks;

/// <summary>
/// What is to be told, and when. A machine without I/O: updates, answers and the time go in, POSTs come out. What is not answered with 200
/// comes again, whole, after pauses that grow, for 7 days. What an app has no room for waits for one of its answers, and keeps no other
/// app waiting.
/// </summary>
public sealed class UpdateQueue(Random random)
{
    /// <summary>How long a POST is tried again.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private readonly PriorityQueue<Update, (long Due, long Order)> _updates = new();
    private readonly PriorityQueue<Batch, (long Due, long Order)> _again = new();
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private long _order;

    /// <summary>Updates and POSTs that were not answered with 200 yet.</summary>
    public int Count => _updates.Count + _again.Count + _lines.Values.Sum(l => l.Count);

    /// <summary>POSTs that were given up.</summary>
    public int GivenUp { get; private set; }

    public void Add(Update update) => _updates.Enqueue(update, (update.Due.UtcTicks, _order++));

    /// <summary>When <see cref="Take"/> has something; null where nothing waits but for an answer.</summary>
    public DateTimeOffset? NextDue()
    {
        long? next = null;
        if (_updates.TryPeek(out _, out var update)) next = update.Due;
        if (_again.TryPeek(out _, out var again)) next = next is { } n ? Math.Min(n, again.Due) : again.Due;
        return next is { } ticks ? new(ticks, TimeSpan.Zero) : null;
    }

    /// <summary>The POSTs that are due, as many as an app gets at a time. What is for nobody is dropped, as Meta does.</summary>
    /// <param name="appOf">The app that an account's updates go to; null where none gets them.</param>
    /// <param name="unwritten">Told of updates that are dropped, since nothing can write them; null to throw.</param>
    public IReadOnlyList<Batch> Take(
        DateTimeOffset now, Faults faults, Func<MetaAccount, MetaApp?> appOf, Action<int, Exception>? unwritten = null)
    {
        var batches = new List<Batch>();
        while (_again.TryPeek(out var batch, out var place) && place.Due <= now.UtcTicks)
        {
            _again.Dequeue();
            var line = LineOf(batch.App);
            if (line.HasRoom(faults)) Start(batches, batch);
            else line.Again.Add((batch, place));
        }
        TakeUpdates(batches, now, faults, appOf, unwritten);
        return batches;
    }

    /// <summary>A POST of <see cref="Take"/>'s has nobody to go to any more.</summary>
    public void Drop(Batch batch) => End(batch);

    /// <summary>What came of a POST.</summary>
    public void Answered(Batch batch, bool isTaken, DateTimeOffset now, Faults faults)
    {
        End(batch);
        if (!isTaken && now - batch.FirstDue < Lifetime)
        {
            var pause = Math.Min(LongestPause.TotalMilliseconds, faults.RetryMilliseconds * Math.Pow(2, batch.Attempt - 1));
            Again(batch with { Attempt = batch.Attempt + 1, Due = now.AddMilliseconds(pause) });
        }
        else if (!isTaken)
        {
            GivenUp++;
        }
        else if (batch.Attempt == 1 && random.NextDouble() < faults.Redeliveries)
        {
            Again(batch with { Attempt = 2, Due = now.AddMilliseconds(faults.RetryMilliseconds) });
        }
    }

    private void TakeUpdates(
        List<Batch> batches,
        DateTimeOffset now,
        Faults faults,
        Func<MetaAccount, MetaApp?> appOf,
        Action<int, Exception>? unwritten)
    {
        var byApp = new Dictionary<(MetaApp, string), List<Update>>();
        while (_updates.TryPeek(out var update, out var place) && place.Due <= now.UtcTicks)
        {
            _updates.Dequeue();
            if (appOf(update.Account) is not { Callback: not null } app) continue;
            var key = (app, update.Account.Channel);
            if (!byApp.TryGetValue(key, out var list)) byApp[key] = list = [];
            if (list.Count == faults.BatchSize)
            {
                Send(key, list);
                list.Clear();
            }
            var line = LineOf(app);
            if (line.HasRoom(faults)) list.Add(update);
            else line.Updates.Add((update, place));
        }
        foreach (var (key, list) in byApp) Send(key, list);

        void Send((MetaApp App, string Channel) key, List<Update> list)
        {
            if (list.Count > 0 && Write(key.Channel, list, now, unwritten) is { } body)
                Start(batches, new(key.App, body, list.Count, now, now, 1));
        }
    }

    /// <summary>The body of updates, without those that nothing can write: they leave the list; null where none is left.</summary>
    private byte[]? Write(string channel, List<Update> updates, DateTimeOffset now, Action<int, Exception>? unwritten)
    {
        try
        {
            return MetaJson.Write(BodyBuilder.Build(channel, updates, random, now));
        }
        catch (Exception exception) when (unwritten is not null)
        {
            var dropped = updates.Count == 1 ? 0 : updates.RemoveAll(u => Write(channel, [u], now, unwritten) is null);
            if (dropped > 0) return updates.Count == 0 ? null : Write(channel, updates, now, unwritten);
            unwritten(updates.Count, exception);
            return null;
        }
    }

    private Line LineOf(MetaApp app)
    {
        if (!_lines.TryGetValue(app.Name, out var line)) _lines[app.Name] = line = new();
        return line;
    }

    private void Start(List<Batch> batches, Batch batch)
    {
        LineOf(batch.App).UnderWay++;
        batches.Add(batch);
    }

    private void End(Batch batch)
    {
        var line = LineOf(batch.App);
        line.UnderWay--;
        _again.EnqueueRange(line.Again);
        line.Again.Clear();
        _updates.EnqueueRange(line.Updates);
        line.Updates.Clear();
    }

    private void Again(Batch batch) => _again.Enqueue(batch, (batch.Due.UtcTicks, _order++));

    /// <summary>An app's: what is due and waits for room goes back to its place with the next answer.</summary>
    private sealed class Line
    {
        public int UnderWay { get; set; }

        public List<(Update Update, (long Due, long Order) Place)> Updates { get; } = [];

        public List<(Batch Batch, (long Due, long Order) Place)> Again { get; } = [];

        public int Count => UnderWay + Updates.Count + Again.Count;

        public bool HasRoom(Faults faults) => UnderWay < faults.Concurrency;
    }
}
