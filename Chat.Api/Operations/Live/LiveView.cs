namespace Chat.Api.Operations.Live;

/// <summary>What this instance of the API does, by its own instruments.</summary>
/// <param name="Sockets">Open WebSockets.</param>
/// <param name="Subscriptions">Of sockets to conversations.</param>
/// <param name="Conversations">That somebody watches here.</param>
/// <param name="Posts">Messages that were accepted.</param>
/// <param name="Ticks">Frames of statuses and messages that were given to sockets.</param>
/// <param name="EventToSocket">From a status event's own time to its write to the sockets, in the last minute.</param>
internal sealed record LiveView(
    long Sockets,
    long Subscriptions,
    long Conversations,
    RateView Posts,
    RateView Ticks,
    LatencyView EventToSocket,
    LastMinuteView LastMinute);

/// <param name="PerSecond">Over the last ten seconds.</param>
/// <param name="Seconds">The rate in each of the last seconds, up to 60, the oldest first.</param>
internal sealed record RateView(double PerSecond, IReadOnlyList<double> Seconds);

/// <summary>Percentiles in milliseconds, at most a fifth off; null where there was nothing.</summary>
internal sealed record LatencyView(long Count, double? P50, double? P90, double? P99);

/// <summary>Counts of the last minute.</summary>
/// <param name="Callbacks">Statuses that came over HTTP.</param>
/// <param name="Limited">Requests that were refused for now: 429, or 503 where the workers are behind.</param>
/// <param name="Repairs">Gaps that were looked for in the store.</param>
/// <param name="Conflations">Frames that were dropped for newer ones, since a reader was slow.</param>
/// <param name="Closes">Sockets that the server closed.</param>
internal sealed record LastMinuteView(long Callbacks, long Limited, long Repairs, long Conflations, long Closes);

/// <summary>What the audits of this process found since it started.</summary>
/// <param name="At">When the last one ended, ISO 8601, UTC; null where none has yet.</param>
/// <param name="Checked">Acknowledged facts that were looked for in the store.</param>
/// <param name="MissingFacts">Those that the store has not got.</param>
/// <param name="MissingChanges">Facts that nobody can be shown.</param>
/// <param name="MissingDeadLetters">Events that can't be used and are no dead letters.</param>
internal sealed record AuditView(string? At, long Checked, long MissingFacts, long MissingChanges, long MissingDeadLetters);
