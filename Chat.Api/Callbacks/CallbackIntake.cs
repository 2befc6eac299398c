using System.Diagnostics;
using Chat.Api.Problems;
using Chat.Core.Engines;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Telemetry;

namespace Chat.Api.Callbacks;

/// <summary>Puts statuses that came over HTTP into <c>msg.status</c>, each under its conversation.</summary>
internal sealed class CallbackIntake(IEventLog log, MessageLookup lookup)
{
    /// <summary>
    /// Appends all that the engines take, and answers with the places in <paramref name="events"/> of those that they refuse for good.
    /// </summary>
    public async ValueTask<IReadOnlyList<int>> AppendAsync(IReadOnlyList<StatusEvent> events, CancellationToken cancellationToken)
    {
        using var span = ChatTelemetry.Activities.StartActivity($"send {Topics.Status}", ActivityKind.Producer);
        EventHeader[] headers = Activity.Current?.Id is { } parent ? [new(HeaderNames.TraceParent, parent)] : [];
        var refused = new List<int>();
        var places = await FindAsync(events, refused, cancellationToken);
        var appends = new List<(int Place, NewEvent Event)>(events.Count);
        for (var i = 0; i < events.Count; i++)
        {
            if (refused.Contains(i)) continue;
            var placed = places.TryGetValue(i, out var key)
                ? events[i] with { ConversationId = key.ConversationId, MessageId = key.MessageId }
                : events[i];
            appends.Add((i, new(Topics.Status, KeyOf(placed), StatusEventJson.Write(placed), headers)));
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

    /// <summary>The messages of the events that name no conversation, by the event's place; those that nobody knows are missing.</summary>
    private async ValueTask<Dictionary<int, MessageKey>> FindAsync(
        IReadOnlyList<StatusEvent> events, List<int> refused, CancellationToken cancellationToken)
    {
        var found = new Dictionary<int, MessageKey>();
        await Bisection.RunAsync(
            [.. Enumerable.Range(0, events.Count).Where(i => IsLookedUp(events[i]))],
            async part =>
            {
                var keys = await EngineCall.GuardAsync(
                    ct => lookup.FindAsync([.. part.Select(i => events[i])], ct), cancellationToken);
                for (var i = 0; i < keys.Count; i++)
                {
                    if (keys[i] is { } key) found[part[i]] = key;
                }
            },
            (one, _) =>
            {
                refused.Add(one);
                return Task.CompletedTask;
            });
        return found;
    }

    // Without its channel a provider's id means nothing.
    private static bool IsLookedUp(StatusEvent status) =>
        status.ConversationId is null && (status.MessageId is not null || status.Channel is not null);

    // Of a message that nobody knows, the worker can't know the conversation either, and puts the event aside.
    private static string KeyOf(StatusEvent status) =>
        status.ConversationId is { } conversation ? MessageIds.Format(conversation)
        : status.MessageId is { } message ? MessageIds.Format(message)
        : status.ProviderMessageId!;
}
