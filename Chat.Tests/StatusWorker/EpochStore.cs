using Chat.Core.Log;

namespace Chat.Tests.StatusWorker;

/// <summary>The epochs, in memory.</summary>
internal sealed class EpochStore : IEpochStore
{
    private readonly Dictionary<(string Topic, string Identity), int> _epochs = [];

    public int Claim(string topic, string identity)
    {
        if (!_epochs.TryGetValue((topic, identity), out var epoch)) epoch = _epochs[(topic, identity)] = (Latest(topic)?.Number ?? 0) + 1;
        return epoch;
    }

    public ValueTask<int> ClaimEpochAsync(string topic, string identity, CancellationToken cancellationToken) =>
        new(Claim(topic, identity));

    /// <summary>How often the latest epoch was asked for.</summary>
    public int Asked { get; private set; }

    public ValueTask<ClaimedEpoch?> GetLatestEpochAsync(string topic, CancellationToken cancellationToken)
    {
        Asked++;
        return new(Latest(topic));
    }

    public ValueTask<IReadOnlyList<ClaimedEpoch>> ListEpochsAsync(string topic, CancellationToken cancellationToken) => new(
        [.. _epochs.Where(e => e.Key.Topic == topic).Select(e => new ClaimedEpoch(e.Value, e.Key.Identity)).OrderBy(e => e.Number)]);

    private ClaimedEpoch? Latest(string topic) =>
        _epochs.Where(e => e.Key.Topic == topic).Select(e => new ClaimedEpoch(e.Value, e.Key.Identity)).MaxBy(e => e.Number);
}
