using System.Text.Json;

namespace Chat.Engines.Kafka.Members;

/// <summary>
/// How long a member's client has been outside its group, from librdkafka's statistics. A client that finds no broker any more does not
/// always find one again: after a broker that was fenced (it hung for longer than <c>broker.session.timeout.ms</c>), whose metadata named
/// no broker for a moment, librdkafka (2.16) asks nobody any more, for good (its issue 5301). Without statistics nothing is known.
/// </summary>
/// <param name="revocation">How long a member may take to give partitions up, for which all others wait outside.</param>
internal sealed class MembershipWatch(TimeSpan revocation, TimeProvider time)
{
    /// <summary>What a way into the group takes at most besides: a session that has to end, and the look for a coordinator.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private long? _since;

    /// <summary>How long, where that is too long; else null.</summary>
    public TimeSpan? Outside =>
        _since is { } since && time.GetElapsedTime(since) is var outside && outside >= revocation + Patience ? outside : null;

    public void Update(JsonElement statistics)
    {
        if (!statistics.TryGetProperty("cgrp", out var group) || !group.TryGetProperty("join_state", out var state)) return;
        if (state.ValueEquals("steady")) _since = null;
        else _since ??= time.GetTimestamp();
    }
}
