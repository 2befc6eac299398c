using System.Diagnostics;
using Chat.Api.Problems;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Store;
using Chat.Core.Telemetry;

namespace Chat.Api.Callbacks;

/// <summary>Puts statuses that came over HTTP into <c>msg.status</c>, each under its conversation.</summary>
internal sealed class CallbackIntake(IEventLog log, IMessageStore store)
{
    public async ValueTask AppendAsync(IReadOnlyList<StatusEvent> events, CancellationToken cancellationToken)
    {
        using var span = ChatTelemetry.Activities.StartActivity($"send {Topics.Status}", ActivityKind.Producer);
        EventHeader[] headers = Activity.Current?.Id is { } parent ? [new(HeaderNames.TraceParent, parent)] : [];
        var found = new Dictionary<Guid, MessageKey?>();
        var appended = new List<NewEvent>(events.Count);
        foreach (var status in events)
        {
            var placed = await PlaceAsync(status, found, cancellationToken);
            appended.Add(new(Topics.Status, KeyOf(placed), StatusEventJson.Write(placed), headers));
        }
        await EngineCall.Of(log.AppendAsync(appended, cancellationToken), cancellationToken);
    }

    private async ValueTask<StatusEvent> PlaceAsync(
        StatusEvent status, Dictionary<Guid, MessageKey?> found, CancellationToken cancellationToken)
    {
        if (status.ConversationId is not null) return status;
        if (status.MessageId is { } messageId)
        {
            if (!found.TryGetValue(messageId, out var key))
            {
                found[messageId] = key = await EngineCall.Of(store.FindMessageKeyAsync(messageId, cancellationToken), cancellationToken);
            }
            return key is null ? status : status with { ConversationId = key.Value.ConversationId };
        }
        if (status is { ProviderMessageId: { } providerId, Channel: { } channel }
            && await EngineCall.Of(store.FindByProviderIdAsync(channel, providerId, cancellationToken), cancellationToken) is { } known)
        {
            return status with { ConversationId = known.ConversationId, MessageId = known.MessageId };
        }
        return status;
    }

    // Of a message that nobody knows, the worker can't know the conversation either, and puts the event aside.
    private static string KeyOf(StatusEvent status) =>
        status.ConversationId is { } conversation ? MessageIds.Format(conversation)
        : status.MessageId is { } message ? MessageIds.Format(message)
        : status.ProviderMessageId!;
}
