using System.Diagnostics;
using Chat.Api.Problems;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Telemetry;

namespace Chat.Api.Callbacks;

/// <summary>Puts statuses that came over HTTP into <c>msg.status</c>, each under its conversation.</summary>
internal sealed class CallbackIntake(IEventLog log, IMessageStore messages, IProviderIds providerIds)
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
        await EngineCall.GuardAsync(ct => log.AppendAsync(appended, ct), cancellationToken);
    }

    private async ValueTask<StatusEvent> PlaceAsync(
        StatusEvent status, Dictionary<Guid, MessageKey?> found, CancellationToken cancellationToken)
    {
        if (status.ConversationId is not null) return status;
        if (status.MessageId is { } messageId)
        {
            if (!found.TryGetValue(messageId, out var key))
            {
                key = await EngineCall.GuardAsync(ct => messages.FindMessageKeyAsync(messageId, ct), cancellationToken);
                found[messageId] = key;
            }
            return key is null ? status : status with { ConversationId = key.Value.ConversationId };
        }
        if (status is not { ProviderMessageId: { } providerId, Channel: { } channel }) return status;
        var known = await EngineCall.GuardAsync(
            ct => providerIds.FindByProviderIdAsync(channel, providerId, ct), cancellationToken);
        return known is null
            ? status
            : status with { ConversationId = known.Value.ConversationId, MessageId = known.Value.MessageId };
    }

    // Of a message that nobody knows, the worker can't know the conversation either, and puts the event aside.
    private static string KeyOf(StatusEvent status) =>
        status.ConversationId is { } conversation ? MessageIds.Format(conversation)
        : status.MessageId is { } message ? MessageIds.Format(message)
        : status.ProviderMessageId!;
}
