using Chat.MetaSimulator.Accounts;

namespace Chat.MetaSimulator.Webhooks;

/// <summary>
/// What is to be told, and when. A machine without I/O: updates, answers and the time go in, POSTs come out. What is not answered with 200
/// comes again, whole, after pauses that grow, for 7 days.
/// </summary>
public sealed class UpdateQueue(Random random)
{
    /// <summary>How long a POST is tried again.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private readonly PriorityQueue<Update, (long Due, long Order)> _updates = new();
    private readonly PriorityQueue<Batch, (long Due, long Order)> _again = new();
    private readonly Dictionary<string, int> _underWay = new(StringComparer.Ordinal);
    private long _order;

    /// <summary>Updates and POSTs that were not answered with 200 yet.</summary>
    public int Count => _updates.Count + _again.Count + _underWay.Values.Sum();

    /// <summary>POSTs that were given up.</summary>
    public int GivenUp { get; private set; }

    public void Add(Update update) => _updates.Enqueue(update, (update.Due.UtcTicks, _order++));

    /// <summary>When <see cref="Take"/> has something; null where nothing waits.</summary>
    public DateTimeOffset? NextDue()
    {
        long? next = null;
        if (_updates.TryPeek(out _, out var update)) next = update.Due;
        if (_again.TryPeek(out _, out var again)) next = next is { } n ? Math.Min(n, again.Due) : again.Due;
        return next is { } ticks ? new(ticks, TimeSpan.Zero) : null;
    }

    /// <summary>The POSTs that are due, as many as an app gets at a time. What is for nobody is dropped, as Meta does.</summary>
    /// <param name="appOf">The app that an account's updates go to; null where none gets them.</param>
    public IReadOnlyList<Batch> Take(DateTimeOffset now, Faults faults, Func<MetaAccount, MetaApp?> appOf)
    {
        var batches = new List<Batch>();
        var later = new List<(Batch, (long, long))>();
        while (_again.TryPeek(out var batch, out var place) && place.Due <= now.UtcTicks)
        {
            _again.Dequeue();
            if (HasRoom(batch.App.Name, faults)) Start(batches, batch);
            else later.Add((batch, place));
        }
        _again.EnqueueRange(later);
        TakeUpdates(batches, now, faults, appOf);
        return batches;
    }

    /// <summary>What came of a POST.</summary>
    public void Answered(Batch batch, bool isTaken, DateTimeOffset now, Faults faults)
    {
        _underWay[batch.App.Name]--;
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

    private void TakeUpdates(List<Batch> batches, DateTimeOffset now, Faults faults, Func<MetaAccount, MetaApp?> appOf)
    {
        var waiting = new List<(Update, (long, long))>();
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
            if (HasRoom(app.Name, faults)) list.Add(update);
            else waiting.Add((update, place));
        }
        foreach (var (key, list) in byApp) Send(key, list);
        _updates.EnqueueRange(waiting);

        void Send((MetaApp App, string Channel) key, List<Update> list)
        {
            if (list.Count == 0) return;
            var body = MetaJson.Write(BodyBuilder.Build(key.Channel, list, random, now));
            Start(batches, new(key.App, body, list.Count, now, now, 1));
        }
    }

    private bool HasRoom(string app, Faults faults) => _underWay.GetValueOrDefault(app) < faults.Concurrency;

    private void Start(List<Batch> batches, Batch batch)
    {
        _underWay[batch.App.Name] = _underWay.GetValueOrDefault(batch.App.Name) + 1;
        batches.Add(batch);
    }

    private void Again(Batch batch) => _again.Enqueue(batch, (batch.Due.UtcTicks, _order++));
}
