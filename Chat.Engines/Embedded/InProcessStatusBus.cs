using System.Collections.Concurrent;
using System.Collections.Immutable;
using Chat.Core.Bus;
using Microsoft.Extensions.Logging;

namespace Chat.Engines.Embedded;

/// <summary>
/// The bus within one process: listeners are called on the publisher's thread, under a lock of their conversation, so that they hear
/// one payload at a time. What is published together settles together, so that a socket gets its part of a batch in one write. There
/// is no connection to lose: <see cref="Restored"/> is never raised.
/// </summary>
public sealed partial class InProcessStatusBus(ILogger<InProcessStatusBus> logger) : IStatusBus
{
    private readonly ConcurrentDictionary<Guid, Conversation> _conversations = new();

    public event Action? Restored
    {
        add { }
        remove { }
    }

    public string MessagingSystem => "in_process";

    public ValueTask PublishAsync(IReadOnlyList<BusMessage> messages, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        HashSet<Conversation>? unsettled = null;
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            if (!_conversations.TryGetValue(message.ConversationId, out var conversation)) continue;
            if (Deliver(conversation, message.Payload)) (unsettled ??= []).Add(conversation);
        }
        foreach (var conversation in unsettled ?? []) Settle(conversation);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IAsyncDisposable> SubscribeAsync(
        Guid conversationId, IBusListener listener, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var subscription = new Subscription(this, conversationId, listener);
        while (true)
        {
            var conversation = _conversations.GetOrAdd(conversationId, static _ => new());
            lock (conversation.Gate)
            {
                // The last subscriber may have left, and taken the conversation with it, since we looked.
                if (conversation.Gone) continue;
                conversation.Subscriptions = conversation.Subscriptions.Add(subscription);
            }
            return ValueTask.FromResult<IAsyncDisposable>(subscription);
        }
    }

    /// <summary>Answers whether somebody is to be told once no more comes.</summary>
    private bool Deliver(Conversation conversation, ReadOnlyMemory<byte> payload)
    {
        var isUnsettled = false;
        lock (conversation.Gate)
        {
            foreach (var subscription in conversation.Subscriptions)
            {
                // A payload belongs to its listener, and this one still to the publisher.
                Call(subscription, static (s, given) => s.Listener.OnPayload(given.ToArray()), payload);
                isUnsettled = subscription.IsUnsettled = true;
            }
        }
        return isUnsettled;
    }

    private void Settle(Conversation conversation)
    {
        lock (conversation.Gate)
        {
            foreach (var subscription in conversation.Subscriptions)
            {
                // Another publisher may have told it already.
                if (!subscription.IsUnsettled) continue;
                subscription.IsUnsettled = false;
                Call(subscription, static (s, _) => s.Listener.OnSettled(), default);
            }
        }
    }

    private void Call(
        Subscription subscription, Action<Subscription, ReadOnlyMemory<byte>> call, ReadOnlyMemory<byte> payload)
    {
        try
        {
            call(subscription, payload);
        }
#pragma warning disable CA1031 // A listener's mistake is neither the publisher's nor the other listeners'.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            HandlerFailed(exception, subscription.ConversationId);
        }
    }

    private void Remove(Subscription subscription)
    {
        if (!_conversations.TryGetValue(subscription.ConversationId, out var conversation)) return;
        lock (conversation.Gate)
        {
            conversation.Subscriptions = conversation.Subscriptions.Remove(subscription);
            if (!conversation.Subscriptions.IsEmpty || conversation.Gone) return;
            conversation.Gone = true;
            _conversations.TryRemove(KeyValuePair.Create(subscription.ConversationId, conversation));
        }
    }

    [LoggerMessage(
        EventId = LogEvents.SubscriberFailed,
        Level = LogLevel.Error,
        Message = "A subscriber of conversation {ConversationId} failed on a payload")]
    private partial void HandlerFailed(Exception exception, Guid conversationId);

    private sealed class Conversation
    {
        public Lock Gate { get; } = new();

        public ImmutableArray<Subscription> Subscriptions { get; set; } = [];

        public bool Gone { get; set; }
    }

    private sealed class Subscription(InProcessStatusBus bus, Guid conversationId, IBusListener listener) : IAsyncDisposable
    {
        public Guid ConversationId => conversationId;

        public IBusListener Listener => listener;

        /// <summary>Whether it got payloads since it was last told that no more wait. Under the conversation's lock.</summary>
        public bool IsUnsettled { get; set; }

        public ValueTask DisposeAsync()
        {
            bus.Remove(this);
            return ValueTask.CompletedTask;
        }
    }
}
