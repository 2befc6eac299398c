using System.Collections.Concurrent;

namespace Chat.Tests.Described;

/// <summary>What the tests of this run saw of the documented answers, frames, close codes and events, and how often.</summary>
internal static class Seen
{
    private static readonly ConcurrentDictionary<string, int> Counts = new();

    public static void Note(string what) => Counts.AddOrUpdate(what, 1, static (_, before) => before + 1);

    public static bool Has(string what) => Counts.ContainsKey(what);

    /// <summary>How many of these were seen, how often all of them together, and which were not.</summary>
    public static string Summarize(string what, IEnumerable<string> documented)
    {
        var all = documented.ToList();
        var unseen = all.Where(one => !Has(one)).Order(StringComparer.Ordinal).ToList();
        var times = all.Sum(one => Counts.GetValueOrDefault(one));
        var rest = unseen.Count == 0 ? "none" : string.Join(", ", unseen);
        return $"{what}: {all.Count} documented, {all.Count - unseen.Count} seen, {times} times; unseen: {rest}";
    }
}
