namespace Chat.Api.Operations.Engines;

/// <summary>
/// What the log and the store say, for all processes together. A part is null where it is not known: its engine did not answer in time.
/// </summary>
/// <param name="At">When it was read; ISO 8601, UTC.</param>
internal sealed record EnginesView(
    string At,
    IReadOnlyList<LagView>? Lag,
    IReadOnlyList<KeptDeadLettersView>? DeadLetters,
    ParkedSummaryView? Parked,
    IReadOnlyList<ChannelHealthView>? Channels,
    AccountsView? Accounts,
    IReadOnlyList<CheckView>? Checks);

/// <summary>How far a consumer group is behind the end of its topic.</summary>
/// <param name="Events">Not committed yet, over all partitions.</param>
/// <param name="Partitions">How many partitions have any of them.</param>
internal sealed record LagView(string Group, string Topic, long Events, int Partitions);

/// <summary>The dead letters of a topic.</summary>
/// <param name="Kept">How many the log still has, copies and those that were put back included.</param>
internal sealed record KeptDeadLettersView(string Topic, long Kept);

/// <summary>Statuses that wait for their message.</summary>
/// <param name="Count">How many were counted.</param>
/// <param name="HasMore">Whether there are more than that.</param>
/// <param name="Oldest">When the log took the one that has waited longest; ISO 8601, UTC.</param>
internal sealed record ParkedSummaryView(int Count, bool HasMore, string? Oldest);

/// <summary>How a channel is, by the newest events of <c>msg.status</c>.</summary>
/// <param name="Waiting">Messages that its connectors have not done with; null where the lag is not known.</param>
/// <param name="LastStatus">Its newest status; null where there is none among those looked at.</param>
/// <param name="Recent">How many of the newest statuses are its own.</param>
/// <param name="Failed">How many of those are FAILED.</param>
/// <param name="LastFailure">The newest of those.</param>
internal sealed record ChannelHealthView(
    string Name, string DisplayName, long? Waiting, ChannelStatusView? LastStatus, int Recent, int Failed, ChannelStatusView? LastFailure);

/// <param name="At">When the log took it; ISO 8601, UTC.</param>
/// <param name="Reason">Why it failed, in the provider's words.</param>
internal sealed record ChannelStatusView(string Status, string At, string? Reason);

/// <summary>The accounts at providers, of all organizations.</summary>
/// <param name="Active">How many send and receive.</param>
/// <param name="NeedsAttention">How many wait for a person.</param>
/// <param name="Items">Up to 50: those that need somebody first, then those whose token ends first.</param>
internal sealed record AccountsView(int Active, int NeedsAttention, IReadOnlyList<AccountHealthView> Items);

/// <param name="Attention">Why a person must look at it.</param>
/// <param name="TokenExpiresAt">ISO 8601, UTC; null for a token that never ends, or where nobody knows.</param>
/// <param name="Held">How many messages wait for it, as far as they were counted; null where they were not.</param>
/// <param name="HasMoreHeld">Whether there are more than that.</param>
internal sealed record AccountHealthView(
    string Channel,
    string AccountId,
    string OrganizationId,
    string State,
    string? Attention,
    string? TokenExpiresAt,
    int? Held,
    bool HasMoreHeld);

/// <summary>A health check of this process, as on <c>/health</c>.</summary>
/// <param name="Status"><c>Healthy</c>, <c>Degraded</c> or <c>Unhealthy</c>.</param>
internal sealed record CheckView(string Name, string Status, string? Description);
