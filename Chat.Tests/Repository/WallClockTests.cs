using System.Text.RegularExpressions;

namespace Chat.Tests.Repository;

/// <summary>Durations are measured on the monotonic clock: the wall clock may be set at any time.</summary>
public sealed partial class WallClockTests
{
    // Where a wall time is compared with another machine's, or with one that is stored.
    private static readonly Dictionary<string, string> Allowed = new()
    {
        ["Chat.Api/Hub/Feeds/DeliverySpans.cs"] = "how old an event is whose time another machine gave; a span alone",
        ["Chat.Api/Hub/Feeds/Feed.cs"] = "how old an event is whose time another machine gave; a metric alone",
        ["Chat.Api/Messages/MessageFinder.cs"] = "how old an id is that another instance may have made",
        ["Chat.Engines/Cassandra/Tables/ChangeTables.cs"] = "what the store has let expire by its own clocks",
        ["Chat.Engines/Cassandra/Tables/RevokedTokenTable.cs"] = "until when a token counts, as its issuer says",
        ["Chat.Engines/Cassandra/Tables/FirstStays.cs"] = "a write time of Cassandra's",
    };

    [Fact]
    public void No_duration_is_a_difference_of_wall_times()
    {
        var found = SourceFiles.WithExtension(".cs")
            .Where(f => !f.Path.StartsWith("Chat.Tests/", StringComparison.Ordinal) && !Allowed.ContainsKey(f.Path))
            .SelectMany(f => f.Find(IsDifference))
            .ToList();

        Assert.True(found.Count == 0, string.Join(Environment.NewLine, found.Prepend("GetTimestamp and GetElapsedTime, or a Countdown:")));
    }

    [Fact]
    public void Whatever_is_allowed_is_there()
    {
        var differences = SourceFiles.WithExtension(".cs").Where(f => f.Lines.Any(IsDifference)).Select(f => f.Path).ToHashSet();

        Assert.All(Allowed.Keys, path => Assert.Contains(path, differences));
    }

    [Theory]
    [InlineData("var wait = at - time.GetUtcNow();", true)]
    [InlineData("if (_time.GetUtcNow() - _since < Wait) return;", true)]
    [InlineData("while (DateTimeOffset.UtcNow < end)", true)]
    [InlineData("if (_time.GetUtcNow() >= _due) return;", true)]
    [InlineData("var at = time.GetUtcNow();", false)]
    [InlineData("_sink.Send(ServerFrames.Pong(_time.GetUtcNow()));", false)]
    public void A_difference_is_told_from_a_time(string line, bool isDifference) => Assert.Equal(isDifference, IsDifference(line));

    private static bool IsDifference(string line) => Difference().IsMatch(line);

    [GeneratedRegex(
        @"\b(GetUtcNow\(\)|DateTime(Offset)?\.UtcNow)(\.\w+\(\))?\s*[-<>]"
        + @"|(-|<|(?<!=)>)=?\s*[\w.]*(GetUtcNow\(\)|DateTime(Offset)?\.UtcNow)",
        RegexOptions.CultureInvariant)]
    private static partial Regex Difference();
}
