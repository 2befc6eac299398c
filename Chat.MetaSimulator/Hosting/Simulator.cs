using System.Security.Cryptography;
using Chat.MetaSimulator.World;
using Microsoft.Extensions.Options;

namespace Chat.MetaSimulator.Hosting;

/// <summary>The one world of the process: asked by one at a time, and watched.</summary>
public sealed class Simulator(TimeProvider time, IOptions<SimulatorOptions> options)
{
    private readonly Lock _lock = new();
    private readonly MetaWorld _world = new(options.Value.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue));
    private TaskCompletionSource _changed = NewSignal();
    private TaskCompletionSource _queued = NewSignal();

    /// <summary>Asks the world something, or changes it.</summary>
    public T Do<T>(Func<MetaWorld, DateTimeOffset, T> what)
    {
        TaskCompletionSource? changed = null, queued = null;
        T result;
        lock (_lock)
        {
            var (version, due) = (_world.Version, _world.Updates.NextDue());
            result = what(_world, time.GetUtcNow());
            if (_world.Version != version) (changed, _changed) = (_changed, NewSignal());
            if (_world.Updates.NextDue() is { } next && (due is not { } before || next < before))
                (queued, _queued) = (_queued, NewSignal());
        }
        changed?.TrySetResult();
        queued?.TrySetResult();
        return result;
    }

    /// <summary>Changes the world.</summary>
    public void Do(Action<MetaWorld, DateTimeOffset> what) => Do((world, now) =>
    {
        what(world, now);
        return true;
    });

    /// <summary>Completes with the next change that a phone may show.</summary>
    public Task NextChange()
    {
        lock (_lock) return _changed.Task;
    }

    /// <summary>Completes when something is to be told sooner than before.</summary>
    public Task NextQueued()
    {
        lock (_lock) return _queued.Task;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
