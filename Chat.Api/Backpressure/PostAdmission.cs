using System.Runtime.InteropServices;

namespace Chat.Api.Backpressure;

/// <summary>Lets posts through, evenly over time, as <see cref="PostRate"/> last decided.</summary>
internal sealed class PostAdmission(TimeProvider time)
{
    public const string Name = "backlog";

    private readonly Lock _gate = new();
    private Dictionary<Guid, PostCount> _counts = [];
    private double? _perSecond;
    private TimeSpan _retryAfter;
    private long _since = time.GetTimestamp();

    /// <summary>Takes one post of an organization; where it can't be let through, after how long to try again.</summary>
    public TimeSpan? Take(Guid organization)
    {
        lock (_gate)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, organization, out _);
            var isAdmitted = _perSecond is not { } perSecond
                || count.Admitted < 1 + (perSecond * time.GetElapsedTime(_since).TotalSeconds);
            count = new(count.Asked + 1, count.Admitted + (isAdmitted ? 1 : 0));
            return isAdmitted ? null : _retryAfter;
        }
    }

    /// <summary>What was asked for since the last call, and the seconds since then.</summary>
    public (IReadOnlyCollection<PostCount> Counts, double Seconds) TakeCounts()
    {
        lock (_gate)
        {
            var (counts, seconds) = (_counts.Values, time.GetElapsedTime(_since).TotalSeconds);
            (_counts, _since) = ([], time.GetTimestamp());
            return (counts, seconds);
        }
    }

    /// <param name="perSecond">Of each organization; null for any number.</param>
    public void Set(double? perSecond, TimeSpan retryAfter)
    {
        lock (_gate) (_perSecond, _retryAfter) = (perSecond, retryAfter);
    }
}
