using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chat.Core.Bus;
using Chat.Core.Frames;

namespace Chat.Simulation.Engines;

/// <summary>A process' client of the bus.</summary>
public sealed class SimBus(BusState state, Link link, BusConnection connection, InjectedBug bug) : IStatusBus
{
    private readonly Dictionary<Guid, long> _last = [];

    /// <summary>Whose every payload is, with <see cref="InjectedBug.NoOwnerCheck"/>.</summary>
    public Guid Intruder { get; init; }

    public event Action? Restored
    {
        add
        {
            if (bug != InjectedBug.NoRestored) connection.Restored += value;
        }
        remove => connection.Restored -= value;
    }

    public ValueTask PublishAsync(IReadOnlyList<BusMessage> messages, CancellationToken cancellationToken)
    {
        foreach (var message in messages) state.Attempted?.Invoke(message);
        return PublishEachAsync(messages, cancellationToken);
    }

    private async ValueTask PublishEachAsync(IReadOnlyList<BusMessage> messages, CancellationToken cancellationToken) =>
        await link.CallAsync(
            $"publish of {messages.Count}",
            messages,
            m => link.FaultProfile.Refusals.Refuses("publish", Encoding.UTF8.GetString(m.Payload.Span), $"{m.ConversationId}/frame"),
            some => [.. some.Select(m => (Action)(() => state.Publish(m)))],
            () => true,
            cancellationToken);

    public async ValueTask<IAsyncDisposable> SubscribeAsync(
        Guid conversationId, IBusListener listener, CancellationToken cancellationToken)
    {
        var subscription = new BusSubscription(
            conversationId,
            payload =>
            {
                listener.OnPayload(Doctor(conversationId, payload));
                listener.OnSettled();
            });
        if (bug == InjectedBug.SubscribeTooEarly)
        {
            _ = StandAsync(subscription, CancellationToken.None);
            return new Ending(connection, subscription);
        }
        try
        {
            await StandAsync(subscription, cancellationToken);
        }
        catch
        {
            // What may stand at the bus is nothing to us any more.
            subscription.IsDisposed = true;
            connection.Remove(subscription);
            throw;
        }
        return new Ending(connection, subscription);
    }

    private async Task StandAsync(BusSubscription subscription, CancellationToken cancellationToken)
    {
        while (true)
        {
            var up = new TaskCompletionSource();
            connection.WhenUp(() => up.TrySetResult());
            await up.Task.WaitAsync(cancellationToken);
            var stands = await link.CallAsync(
                "subscribe",
                () =>
                {
                    if (!connection.IsAlive || subscription.IsDisposed) return false;
                    subscription.Stands = true;
                    subscription.IsNew = false;
                    connection.Add(subscription);
                    return true;
                },
                cancellationToken);
            if (stands || subscription.IsDisposed) return;
            await Task.Delay(link.Random.Milliseconds(1, 20), link.Caller.Time, cancellationToken);
        }
    }

    private ReadOnlyMemory<byte> Doctor(Guid conversationId, ReadOnlyMemory<byte> payload)
    {
        if (bug is not (InjectedBug.NoPrevCheck or InjectedBug.NoOwnerCheck)) return payload;
        if (BusPayload.TryRead(payload) is not { Seq: { } seq }) return payload;
        var node = JsonNode.Parse(payload.Span)!;
        if (bug == InjectedBug.NoPrevCheck && _last.TryGetValue(conversationId, out var last)) node["_"]!["prev"] = last;
        if (bug == InjectedBug.NoOwnerCheck) node["_"]!["organization"] = Intruder.ToString();
        _last[conversationId] = Math.Max(seq, _last.GetValueOrDefault(conversationId));
        return JsonSerializer.SerializeToUtf8Bytes(node);
    }

    private sealed class Ending(BusConnection connection, BusSubscription subscription) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            subscription.IsDisposed = true;
            connection.Remove(subscription);
            return ValueTask.CompletedTask;
        }
    }
}
