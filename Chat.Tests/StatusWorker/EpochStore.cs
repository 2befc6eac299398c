using System.Reflection;
using Chat.Core.Store;

namespace Chat.Tests.StatusWorker;

/// <summary>The part of a store that says which epoch is the latest.</summary>
public class EpochStore : DispatchProxy
{
    private readonly Dictionary<(string Topic, string Identity), int> _epochs = [];

    public IMessageStore Port { get; private set; } = null!;

    public static EpochStore Create()
    {
        var port = Create<IMessageStore, EpochStore>();
        var store = (EpochStore)port;
        store.Port = port;
        return store;
    }

    public int Claim(string topic, string identity)
    {
        if (!_epochs.TryGetValue((topic, identity), out var epoch)) epoch = _epochs[(topic, identity)] = (Latest(topic)?.Number ?? 0) + 1;
        return epoch;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name switch
    {
        nameof(IMessageStore.ClaimEpochAsync) => new ValueTask<int>(Claim((string)args![0]!, (string)args[1]!)),
        nameof(IMessageStore.GetLatestEpochAsync) => new ValueTask<ClaimedEpoch?>(Latest((string)args![0]!)),
        _ => throw new NotSupportedException(targetMethod?.Name),
    };

    private ClaimedEpoch? Latest(string topic) =>
        _epochs.Where(e => e.Key.Topic == topic).Select(e => new ClaimedEpoch(e.Value, e.Key.Identity)).MaxBy(e => e.Number);
}
