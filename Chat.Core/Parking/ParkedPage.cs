namespace Chat.Core.Parking;

/// <summary>A place in the order in which parked statuses are looked through: by time, subject and number.</summary>
public sealed record ParkedPlace(DateTimeOffset AppendedAt, string Subject, long Seq)
{
    /// <summary>Before everything.</summary>
    public static ParkedPlace Start { get; } = Before(DateTimeOffset.UnixEpoch);

    /// <summary>Where <paramref name="status"/> is.</summary>
    public static ParkedPlace Of(ParkedStatus status) => new(status.AppendedAt, status.Subject, status.Seq);

    /// <summary>After everything before a time, and before everything at it.</summary>
    public static ParkedPlace Before(DateTimeOffset time) => new(time, "", long.MinValue);
}

/// <summary>What has waited longest.</summary>
/// <param name="Statuses">Those that still wait, oldest first; there may be none although there are more pages.</param>
/// <param name="Through">Up to here everything is in this page or in those before it.</param>
public sealed record ParkedPage(IReadOnlyList<ParkedStatus> Statuses, ParkedPlace Through, bool IsLast)
{
    /// <summary>The page of what was found before a time: the last one where there were fewer than asked for.</summary>
    public static ParkedPage Of(IReadOnlyList<ParkedStatus> found, DateTimeOffset before, int limit) => found.Count < limit
        ? new(found, ParkedPlace.Before(before), IsLast: true)
        : new(found, ParkedPlace.Of(found[^1]), IsLast: false);
}
