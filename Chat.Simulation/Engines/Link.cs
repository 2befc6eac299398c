using Chat.Core.Engines;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Engines;

/// <summary>
/// One process' way to one engine. A call travels there, is carried out step by step, and its answer travels back, each of which takes
/// its time or fails. What is on its way when the caller dies or gives up still arrives.
/// </summary>
public sealed class Link(SimProcess caller, FaultProfile faults, SimRandom random, TraceWriter trace)
{
    // All calls but these write.
    private static readonly string[] Reads = ["describe", "find", "get", "has", "latest", "list"];

    private enum Fate
    {
        Done,
        FailsBefore,
        FailsMidway,
        FailsAfter,
    }

    public SimProcess Caller => caller;

    public FaultProfile FaultProfile => faults;

    public SimRandom Random => random;

    /// <summary>A call of one step.</summary>
    public ValueTask<T> CallAsync<T>(string what, Func<T> answer, CancellationToken cancellationToken) =>
        CallAsync(what, [], answer, cancellationToken);

    /// <param name="steps">What the engine does, each at a moment of its own.</param>
    /// <param name="answer">The last step, whose result travels back.</param>
    public ValueTask<T> CallAsync<T>(string what, IReadOnlyList<Action> steps, Func<T> answer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var call = new Call<T>(this, what, steps, answer);
        caller.Scheduler.After(faults.Latency(), caller.Scheduler.World, call.Arrive);
        return new(cancellationToken.CanBeCanceled ? call.WaitAsync(cancellationToken) : call.Task);
    }

    /// <summary>A call about several things, some of which the engine may refuse: nothing is done then, or the others are.</summary>
    /// <param name="isRefused">Whether the engine refuses one of them.</param>
    /// <param name="steps">What the engine does with some of them.</param>
    public ValueTask<T> CallAsync<TItem, T>(
        string what,
        IReadOnlyList<TItem> items,
        Func<TItem, bool> isRefused,
        Func<IReadOnlyList<TItem>, IReadOnlyList<Action>> steps,
        Func<T> answer,
        CancellationToken cancellationToken)
    {
        var taken = items.Where(item => !isRefused(item)).ToList();
        if (taken.Count == items.Count) return CallAsync(what, steps(items), answer, cancellationToken);
        return CallAsync(what, random.Chance(0.5) ? [] : steps(taken), () => faults.Refusals.Answer(what, answer), cancellationToken);
    }

    public async ValueTask CallAsync(string what, IReadOnlyList<Action> steps, CancellationToken cancellationToken) =>
        await CallAsync(what, steps, () => true, cancellationToken);

    private sealed class Call<T>(Link link, string what, IReadOnlyList<Action> steps, Func<T> answer)
    {
        private readonly TaskCompletionSource<T> _done = new();
        private int _next;
        private Fate _fate;
        private int _failAt;

        public Task<T> Task => _done.Task;

        // A call that began before the disk was full may fail in the middle of it.
        private bool CanNotWrite => link.FaultProfile.IsFull && !Reads.Any(read => what.StartsWith(read, StringComparison.Ordinal));

        private SimScheduler Scheduler => link.Caller.Scheduler;

        public async Task<T> WaitAsync(CancellationToken cancellationToken)
        {
            using var registration = cancellationToken.Register(() => _done.TrySetCanceled(cancellationToken));
            return await _done.Task;
        }

        public void Arrive()
        {
            var (faults, random) = (link.FaultProfile, link.Random);
            if (faults.IsDown)
            {
                // Refused at once, or nobody answers until the caller gives up, or the engine is back before that.
                if (random.Chance(0.5)) Fail("is down");
                else
                {
                    Scheduler.After(
                        random.Milliseconds(50, 2000),
                        Scheduler.World,
                        faults.IsDown && random.Chance(0.5) ? () => Fail("timed out") : Arrive);
                }
                return;
            }
            var draw = random.NextDouble();
            _fate = draw < faults.FailBefore ? Fate.FailsBefore
                : draw < faults.FailBefore + faults.FailAfter ? Fate.FailsAfter
                : draw < faults.FailBefore + faults.FailAfter + faults.FailMidway && steps.Count > 0 ? Fate.FailsMidway
                : Fate.Done;
            if (_fate == Fate.FailsMidway) _failAt = random.Next(steps.Count + 1);
            if (_fate == Fate.FailsBefore) Fail("failed before it happened");
            else Go();
        }

        private void Go()
        {
            while (_next < steps.Count)
            {
                if (_fate == Fate.FailsMidway && _next == _failAt)
                {
                    Fail($"failed after {_next} of {steps.Count} steps");
                    // Not done, and not given up either: a request that timed out may still be on its way.
                    if (link.Random.Chance(0.5)) return;
                    _fate = Fate.Done;
                    Scheduler.After(link.Random.Milliseconds(1, 3000), Scheduler.World, Go);
                    return;
                }
                if (CanNotWrite && !link.FaultProfile.AcknowledgesWhenFull)
                {
                    Fail($"found the disk full after {_next} of {steps.Count} steps");
                    return;
                }
                if (!CanNotWrite) steps[_next]();
                _next++;
                if (link.Random.Chance(0.3))
                {
                    Scheduler.After(link.FaultProfile.Latency(), Scheduler.World, Go);
                    return;
                }
            }
            if (CanNotWrite && !link.FaultProfile.AcknowledgesWhenFull)
            {
                Fail("found the disk full");
                return;
            }
            T result;
            try
            {
                result = answer();
            }
            catch (Exception exception) when (exception is EngineRefusedException or EngineException)
            {
                link.Tell(what, $"is answered with {exception.Message}");
                Scheduler.After(link.FaultProfile.Latency(), link.Caller, () => _done.TrySetException(exception));
                return;
            }
            if (_fate == Fate.FailsAfter) Fail("failed after it happened");
            else Scheduler.After(link.FaultProfile.Latency(), link.Caller, () => _done.TrySetResult(result));
        }

        private void Fail(string how)
        {
            link.Tell(what, how);
            Scheduler.After(link.FaultProfile.Latency(), link.Caller, () => _done.TrySetException(new EngineException($"{what} {how}")));
        }
    }

    private void Tell(string what, string how) => trace.Write(caller, $"{faults.Name}: {what} {how}");
}
