using System.Diagnostics;
using Chat.Api.Problems;
using Chat.Core.Engines;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Parking;

namespace Chat.Api.Callbacks;

/// <summary>Puts statuses that came over HTTP into <c>msg.status</c>, each under its conversation.</summary>
internal sealed class CallbackIntake(IEventLog log, MessageLookup lookup)
{
    /// <summary>
    /// Appends all that the engines take, and answers with the places in <paramref name="events"/> of those that they refuse for good.
    /// </summary>
    public async ValueTask<IReadOnlyList<int>> AppendAsync(IReadOnlyList<StatusEvent> events, CancellationToken cancellationToken)
    {
        EventHeader[] headers = Activity.Current?.Id is { } parent ? [new(HeaderNames.TraceParent, parent)] : [];
        var refused = new List<int>();
        var placed = events.ToArray();
        var unplaced = Enumerable.Range(0, events.Count).Where(i => IsLookedUp(events[i])).ToList();
        var keys = await EngineCall.GuardAsync(
            ct => lookup.FindEachAsync([.. unplaced.Select(i => events[i])], i => refused.Add(unplaced[i]), ct), cancellationToken);
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys[i] is not { } key) continue;
            placed[unplaced[i]] = events[unplaced[i]] with { ConversationId = key.ConversationId, MessageId = key.MessageId };
        }
        await Bisection.RunAsync(
            [.. Enumerable.Range(0, placed.Length).Except(refused)],
            async part =>
            {
                var appends = part
                    .Select(i => new NewEvent(Topics.Status, KeyOf(placed[i]), StatusEventJson.Write(placed[i]), headers))
                    .ToArray();
                await EngineCall.GuardAsync(ct => log.AppendAsync(appends, ct), cancellationToken);
            },
            (place, _) => refused.Add(place));
        return refused;
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
