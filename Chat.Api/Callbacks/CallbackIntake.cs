using System.Diagnostics;
using Chat.Api.Problems;
using Chat.Core.Engines;
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
    /// <summary>
    /// Appends all that the engines take, and answers with the places in <paramref name="events"/> of those that they refuse for good.
    /// </summary>
    public async ValueTask<IReadOnlyList<int>> AppendAsync(IReadOnlyList<StatusEvent> events, CancellationToken cancellationToken)
    {
        using var span = ChatTelemetry.Activities.StartActivity($"send {Topics.Status}", ActivityKind.Producer);
        EventHeader[] headers = Activity.Current?.Id is { } parent ? [new(HeaderNames.TraceParent, parent)] : [];
        var found = new Dictionary<Guid, MessageKey?>();
        var appends = new List<(int Place, NewEvent Event)>(events.Count);
        var refused = new List<int>();
        for (var i = 0; i < events.Count; i++)
        {
            try
            {
                var placed = await PlaceAsync(events[i], found, cancellationToken);
                appends.Add((i, new(Topics.Status, KeyOf(placed), StatusEventJson.Write(placed), headers)));
            }
            catch (EngineRefusedException)
            {
                refused.Add(i);
            }
        }
        await Bisection.RunAsync(
            appends,
            async part => await EngineCall.GuardAsync(ct => log.AppendAsync([.. part.Select(a => a.Event)], ct), cancellationToken),
            (one, _) =>
            {
                refused.Add(one.Place);
                return Task.CompletedTask;
            });
        return refused;
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
