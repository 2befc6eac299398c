using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Chat.Api.Messages;

/// <summary>
/// Posts per organization: the generic cell rate algorithm, which keeps one time per organization, the one at which its burst
/// would be whole again.
/// </summary>
internal sealed class PostLimit(IOptions<MessagesOptions> options, TimeProvider time)
{
    private const int PruneAbove = 10_000;

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _wholeAt = new();
    private readonly TimeSpan _cost =
        options.Value.PostsPerSecond > 0 ? TimeSpan.FromSeconds(1) / options.Value.PostsPerSecond : TimeSpan.Zero;
    private readonly int _burst = options.Value.PostBurst;

    /// <summary>Takes one post; null where it may go on, else how long to wait for the next one.</summary>
    public TimeSpan? Take(Guid organizationId)
    {
        if (_cost == TimeSpan.Zero) return null;
        var now = time.GetUtcNow();
        while (true)
        {
            var known = _wholeAt.TryGetValue(organizationId, out var wholeAt);
            var next = (known && wholeAt > now ? wholeAt : now) + _cost;
            var wait = next - now - (_cost * _burst);
            if (wait > TimeSpan.Zero) return wait;
            if (known ? _wholeAt.TryUpdate(organizationId, next, wholeAt) : _wholeAt.TryAdd(organizationId, next)) break;
        }
        if (_wholeAt.Count > PruneAbove) Prune(now);
        return null;
    }

    // An organization whose burst is whole again is the same as one never seen.
    private void Prune(DateTimeOffset now)
    {
        foreach (var entry in _wholeAt)
        {
            if (entry.Value <= now) _wholeAt.TryRemove(entry);
        }
    }
}
