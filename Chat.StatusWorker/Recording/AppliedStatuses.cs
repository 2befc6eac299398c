using Chat.Core.Bus;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;

namespace Chat.StatusWorker.Recording;

/// <summary>A batch of <c>msg.status</c>, last phase: what to write, publish and append, and what became of the events.</summary>
public sealed class AppliedStatuses
{
    private readonly SetAside _aside;

    internal AppliedStatuses(
        IReadOnlyCollection<MessageState> states,
        IReadOnlyList<StatusChange> changes,
        IReadOnlyList<BusMessage> frames,
        int repeated,
        SetAside aside) =>
        (States, Changes, Frames, Repeated, _aside) = (states, changes, frames, repeated, aside);

    /// <summary>What the store holds now of each message of which something was recorded.</summary>
    public IReadOnlyCollection<MessageState> States { get; }

    /// <summary>Change rows, by number within each conversation.</summary>
    public IReadOnlyList<StatusChange> Changes { get; }

    /// <summary>What to publish once the changes are written, in order.</summary>
    public IReadOnlyList<BusMessage> Frames { get; }

    /// <summary>Statuses whose message nobody knows yet.</summary>
    public IReadOnlyList<ParkedStatus> Parked => _aside.Parked;

    /// <summary>
    /// Dead letters, and events that go back into the log under their conversation's key; acknowledged before the commit.
    /// </summary>
    public IReadOnlyList<NewEvent> Appends => _aside.Appends;

    /// <summary>How many of <see cref="Appends"/> are dead letters.</summary>
    public int DeadLetters => _aside.DeadLetters;

    /// <summary>How many of <see cref="Appends"/> go back into the log under their conversation's key.</summary>
    public int Rekeyed => _aside.Rekeyed;

    /// <summary>Events to append once more, since clients may have passed their numbers; before they are recorded.</summary>
    public IReadOnlyList<NewEvent> Again => _aside.Again;

    /// <summary>Events that added no fact: the store has their fact under an earlier number.</summary>
    public int Repeated { get; }
}
