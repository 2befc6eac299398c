using Chat.Core.Time;

namespace Chat.Core.Engines;

/// <summary>
/// What an engine said last, kept in memory for what is asked at every turn. While the engine is away, what it said before counts.
/// </summary>
/// <param name="ask">
/// Asks the engine, which bounds the time of its requests itself; the answer is everybody's, so no caller cancels it.
/// </param>
public sealed class LatestAnswer<T>(Func<ValueTask<T>> ask)
    where T : class
{
    private readonly Lock _gate = new();
    private Task<T>? _load;
    private T? _known;

    /// <summary>What is known without asking; null before the engine has answered once.</summary>
    public T? Known => Volatile.Read(ref _known);

    /// <summary>
    /// What is known; asks where nothing is. All who ask meanwhile wait for the same answer, and hear together where there is none.
    /// </summary>
    public async ValueTask<T> GetAsync(CancellationToken cancellationToken) => Known ?? await Join().WaitAsync(cancellationToken);

    /// <summary>Asks now, or after the answer that is under way, which may have missed what this call is about.</summary>
    public async ValueTask<T> AskAsync(CancellationToken cancellationToken)
    {
        Task? underWay;
        lock (_gate) underWay = _load;
        if (underWay is not null) await underWay.WaitQuietlyAsync().WaitAsync(cancellationToken);
        return await Join().WaitAsync(cancellationToken);
    }

    // One at a time, so that none brings back what a later one saw.
    private Task<T> Join()
    {
        lock (_gate) return _load is not { IsCompleted: false } ? _load = LoadAsync() : _load;
    }

    private async Task<T> LoadAsync()
    {
        var answer = await ask();
        Volatile.Write(ref _known, answer);
        return answer;
    }
}
