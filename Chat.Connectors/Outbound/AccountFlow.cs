using Chat.Connectors.Providers;
using Chat.Core.Accounts;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Providers;

namespace Chat.Connectors.Outbound;

/// <summary>A message of an account's on its way through a partition.</summary>
/// <param name="Value">The event's value, to hold it by.</param>
/// <param name="HoldId">The hold that it comes back from; null where it comes for the first time, or once more from the log.</param>
/// <param name="Owner">Whoever claims its tries: one for each reading of the message.</param>
internal sealed record SendJob(
    InFlight InFlight,
    Message Message,
    ReadOnlyMemory<byte> Value,
    string? TraceParent,
    SendSlot Slot,
    Guid? HoldId,
    Guid Owner)
{
    public AccountKey Account => Slot.Account;

    /// <summary>No message: it is told to the provider at once, or not at all.</summary>
    public bool IsHint => Message.Type is MessageTypes.MarkRead or MessageTypes.Typing;

    /// <summary>Whether its place in the limits is taken.</summary>
    public bool HasPlace { get; set; }

    /// <summary>The number of the try to claim next.</summary>
    public int NextTry { get; set; } = 1;

    /// <summary>What it comes back by if this process dies before it sends it again; null where this reading got no "later".</summary>
    public HeldMessage? Kept { get; set; }

    /// <summary>It, as it is held.</summary>
    public HeldMessage ToHeld(Guid holdId, LaterScope scope, DateTimeOffset notBefore) => new(
        Account,
        Message.MessageId,
        holdId,
        Message.ConversationId,
        scope == LaterScope.Recipient ? Message.Recipient ?? MessageIds.Format(Message.ConversationId) : "",
        Value,
        notBefore);
}

/// <summary>What to do with a message.</summary>
internal abstract record SendStep(SendJob Job)
{
    /// <summary>Send it; <see cref="AccountFlow.Ended"/> or <see cref="AccountFlow.Delayed"/> follows.</summary>
    public sealed record Start(SendJob Job) : SendStep(Job);

    /// <summary>Hold it: it is done then.</summary>
    /// <param name="Wait">Null: until a person has seen to the account.</param>
    public sealed record Hold(SendJob Job, LaterScope Scope, TimeSpan? Wait) : SendStep(Job);

    /// <summary>Nothing: it is done.</summary>
    public sealed record Drop(SendJob Job) : SendStep(Job);
}

/// <summary>
/// Decides, for the accounts' messages of one partition of <c>msg.out.{channel}</c>, which is sent when: those of a conversation one after
/// the other, of different conversations beside each other, as fast as the limits let them. What would have to wait for long is held, and
/// with it all that comes after it in its conversation, so that it holds up nothing else. No clock, no I/O.
/// </summary>
/// <param name="limits">Those of the whole process.</param>
/// <param name="concurrency">How many are being sent at a time.</param>
/// <param name="longestWait">What has to wait for longer is held.</param>
internal sealed class AccountFlow(SendLimits limits, HeldConversations held, int concurrency, TimeSpan longestWait)
{
    private readonly Dictionary<(AccountKey Account, Guid Conversation), Line> _lines = [];
    private readonly PriorityQueue<Line, (TimeSpan Due, long Order)> _due = new();
    private readonly List<SendStep> _decided = [];
    private long _order;
    private int _running;

    /// <summary>When something is to be decided next; null where nothing is, or where all places are taken.</summary>
    public TimeSpan? NextDue =>
        _decided.Count > 0 ? TimeSpan.Zero
        : _running < concurrency && _due.TryPeek(out _, out var priority) ? priority.Due
        : null;

    /// <summary>Takes a message that was read.</summary>
    public void Add(SendJob job, TimeSpan now)
    {
        var (conversation, id) = (job.Message.ConversationId, job.Message.MessageId);
        if (job.HoldId is { } hold)
        {
            // One that was put back twice, and is held again since.
            if (held.IsHeldAnew(job.Account, conversation, id, hold))
            {
                _decided.Add(new SendStep.Drop(job));
                return;
            }
            held.CameBack(job.Account, conversation, id);
        }
        else if (held.Any(job.Account, conversation))
        {
            // It is held already, and the log brings it once more; or those before it are.
            var isDone = job.IsHint || held.Holds(job.Account, conversation, id);
            _decided.Add(isDone ? new SendStep.Drop(job) : Hold(job, LaterScope.Recipient, TimeSpan.Zero));
            return;
        }
        var key = (job.Account, conversation);
        if (!_lines.TryGetValue(key, out var line)) _lines[key] = line = new();
        line.Jobs.Enqueue(job);
        if (line.Jobs.Count == 1) Schedule(line, now);
    }

    /// <summary>What to do now; one step for each message.</summary>
    public IReadOnlyList<SendStep> TakeSteps(TimeSpan now)
    {
        while (_running < concurrency && _due.TryPeek(out var line, out var priority) && priority.Due <= now)
        {
            _due.Dequeue();
            Decide(line, now);
        }
        if (_decided.Count == 0) return [];
        SendStep[] steps = [.. _decided];
        _decided.Clear();
        return steps;
    }

    /// <summary>Notes that a message that was started is done, whatever became of it.</summary>
    public void Ended(SendJob job, TimeSpan now)
    {
        _running--;
        var line = LineOf(job);
        line.Jobs.Dequeue();
        Next(job, line, now);
    }

    /// <summary>Notes that a message that was started must be sent later.</summary>
    /// <param name="wait">Null: not before a person has seen to the account.</param>
    public void Delayed(SendJob job, LaterScope scope, TimeSpan? wait, TimeSpan now)
    {
        _running--;
        var line = LineOf(job);
        job.HasPlace = false;
        if (wait is { } time && scope != LaterScope.Recipient)
        {
            limits.Close(scope, job.Slot, now + time);
            Schedule(line, now);
        }
        else if (wait is { } pause && pause <= longestWait) Schedule(line, now + pause);
        else HoldAll(job, line, scope, () => wait);
    }

    private void Decide(Line line, TimeSpan now)
    {
        var job = line.Jobs.Peek();
        if (job.IsHint)
        {
            if (limits.ClosedFor(job.Slot, now) > TimeSpan.Zero) DropHint(job, line, now);
            else Start(job);
            return;
        }
        if (job.HasPlace && limits.ClosedFor(job.Slot, now) <= TimeSpan.Zero)
        {
            Start(job);
            return;
        }
        var wait = limits.Ask(job.Slot, now, longestWait);
        if (wait > longestWait)
        {
            HoldAll(job, line, LaterScope.Account, () => limits.Promise(job.Slot, now));
            return;
        }
        job.HasPlace = true;
        if (wait > TimeSpan.Zero) Schedule(line, now + wait);
        else Start(job);
    }

    private void Start(SendJob job)
    {
        _running++;
        _decided.Add(new SendStep.Start(job));
    }

    private void DropHint(SendJob job, Line line, TimeSpan now)
    {
        line.Jobs.Dequeue();
        _decided.Add(new SendStep.Drop(job));
        Next(job, line, now);
    }

    /// <summary>Holds a conversation's messages, in their order.</summary>
    private void HoldAll(SendJob first, Line line, LaterScope scope, Func<TimeSpan?> wait)
    {
        foreach (var job in line.Jobs) _decided.Add(job.IsHint ? new SendStep.Drop(job) : Hold(job, scope, wait()));
        _lines.Remove((first.Account, first.Message.ConversationId));
    }

    private SendStep.Hold Hold(SendJob job, LaterScope scope, TimeSpan? wait)
    {
        // Known as held from here on, whatever comes before it is written.
        held.Add(job.Account, job.Message.ConversationId, job.Message.MessageId, job.Kept?.HoldId ?? job.Owner);
        return new(job, scope, wait);
    }

    private void Next(SendJob job, Line line, TimeSpan now)
    {
        if (line.Jobs.Count > 0) Schedule(line, now);
        else _lines.Remove((job.Account, job.Message.ConversationId));
    }

    private Line LineOf(SendJob job) => _lines[(job.Account, job.Message.ConversationId)];

    private void Schedule(Line line, TimeSpan due) => _due.Enqueue(line, (due, _order++));

    /// <summary>What is to be sent of a conversation, in the order of the log. Scheduled, or its first is being sent.</summary>
    private sealed class Line
    {
        public Queue<SendJob> Jobs { get; } = new();
    }
}
