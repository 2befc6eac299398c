namespace Chat.Api.Backpressure;

/// <summary>How many posts of an organization were asked for, and let through, since the last look.</summary>
internal readonly record struct PostCount(long Asked, long Admitted);

/// <summary>
/// Decides how many posts are let through once an event waits longer for the workers than it may: what they can do, a little less while
/// the wait is above half of the bound, a little more below it, until nothing is refused. What there is goes to each organization alike:
/// one that asks for no more than its share is refused nothing, whatever the others ask for. No clock, no I/O.
/// </summary>
internal sealed class PostRate(TimeSpan bound)
{
    private const double Weight = 0.3;
    private const double MostLess = 0.25;
    private const double MostMore = 1.1;

    // Posts per second that are always let through: a wrong estimate must not end all of them.
    private const double Least = 10;

    /// <summary>What the workers can do, in posts per second; null while nothing is refused.</summary>
    private double? _capacity;

    /// <summary>Whether posts are refused.</summary>
    public bool IsLimiting => _capacity is not null;

    /// <summary>Takes a look, and answers with what each organization may post in a second; null for any number.</summary>
    /// <param name="counts">Of each organization that posted.</param>
    /// <param name="seconds">Since the look before.</param>
    public double? Next(BacklogLook look, IReadOnlyCollection<PostCount> counts, double seconds)
    {
        var admitted = counts.Sum(c => c.Admitted) / seconds;
        var asked = counts.Select(c => c.Asked / seconds).ToArray();
        if (_capacity is not { } known)
        {
            // Workers that do more than comes are making up for an outage: the wait ends by itself.
            if (look.Wait <= bound || look.Keeps >= 1) return null;
            known = admitted * look.Keeps;
        }
        else
        {
            // Workers who are not busy can do what they did, or more; and a look may show what was done in a longer time than its own.
            var more = (admitted * look.Keeps) - known;
            known += Weight * (look.IsBusy ? more : Math.Max(0, more));
        }
        var total = Math.Max(Least, known * Math.Clamp(1.5 - (look.Wait / bound), MostLess, MostMore));
        if (look.Wait < bound / 2 && asked.Sum() <= total)
        {
            _capacity = null;
            return null;
        }
        _capacity = known;
        return ShareOf(total, asked);
    }

    /// <summary>
    /// The level at which what is asked for, cut off there, comes to the total: those who ask for less leave theirs to the others.
    /// </summary>
    private static double ShareOf(double total, double[] asked)
    {
        Array.Sort(asked);
        var left = total;
        for (var i = 0; i < asked.Length; i++)
        {
            var share = left / (asked.Length - i);
            if (asked[i] >= share) return share;
            left -= asked[i];
        }
        return total;
    }
}
