using Chat.LoadTest.Distributed;
using Chat.LoadTest.Pipeline;

namespace Chat.Tests.LoadTest;

public sealed class PipelineReportTests
{
    private static readonly PipelineOptions Options = new(
        new("k", "c", "r", "127.0.0.1:9092", "127.0.0.1:9042", "127.0.0.1:6379", "of today"), [50, 400], TimeSpan.FromSeconds(20),
        TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(2), 60, true, false, 0, false, 3, ["A=1"],
        null, null, null);

    [Fact]
    public void Each_rate_is_a_row_of_medians_with_their_spread_and_of_sums_of_what_must_be_0()
    {
        string[] lines = PipelineReport.Write(
            Options,
            [Step(50, 1, 4, missing: 1), Step(400, 1, 7), Step(50, 2, 3, missing: 2), Step(400, 2, 9), Step(50, 3, 5), Step(400, 3, 8)])
            .ToString().Split('\n');

        Assert.Contains(
            "| 50 | 4.0 (3.0 – 5.0) | 40.0 (30.0 – 50.0) | 8.0 (6.0 – 10.0) | 80.0 (60.0 – 100.0) | 50 (50 – 50) "
            + "| 19.0 (19.0 – 19.0) | 6 | 3 |",
            lines);
        Assert.Contains("| posts/s | api | cassandra | generator | sum without generator |", lines);
        Assert.Contains("| 400 | 8.00 (7.00 – 9.00) | 1.00 (1.00 – 1.00) | 2.00 (2.00 – 2.00) | 9.00 (8.00 – 10.00) |", lines);
        Assert.Contains("  --rates 50,400 --seconds 20 --rounds 3 --conversations 60 --keys --set A=1", lines);
    }

    [Fact]
    public void Requests_that_Cassandra_does_not_tell_are_not_taken_for_none()
    {
        var report = PipelineReport.Write(Options, [Step(50, 1, 4) with { Requests = null }]).ToString();

        Assert.Contains("| 50 | 4.0 | 40.0 | 8.0 | 80.0 | 50 | not known | 2 | 0 |", report, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_refused_and_another_organizations_figures_are_tables_of_their_own()
    {
        string[] lines = PipelineReport.Write(
            Options with { Once = true, Beside = 10 }, [Step(2000, 1, 4), Step(2000, 2, 6), Step(2000, 3, 5)]).ToString().Split('\n');

        Assert.Contains("| 2000 | 1,000 (1,000 – 1,000) | 7 (7 – 7) | 5.0 (4.0 – 6.0) | 10.0 (8.0 – 12.0) | 3 |", lines);
        Assert.Contains(
            "| 2000 | 200 (200 – 200) | 3.0 (3.0 – 3.0) | 30.0 (30.0 – 30.0) | 5.0 (4.0 – 6.0) | 50.0 (40.0 – 60.0) | 0 | 6 |", lines);
        Assert.Contains("  --rates 50,400 --seconds 20 --rounds 3 --conversations 60 --keys --once --beside 10 --set A=1", lines);
    }

    [Fact]
    public void Floor_has_tables_of_its_own_and_is_set_beside_the_services()
    {
        var text = PipelineReport.Write(
            Options with { Floor = true },
            [Step(50, 1, 4), Floor(50, 1), Step(400, 1, 8), Floor(400, 2)]).ToString();
        string[] lines = text[text.IndexOf("### Floor", StringComparison.Ordinal)..].Split('\n');

        Assert.Contains("--keys --floor --set A=1", text, StringComparison.Ordinal);
        Assert.Contains("| 50 | 1.0 | 10.0 | 2.0 | 20.0 | 100 | 4.0 | 2 | 0 |", lines);
        Assert.Contains("| posts/s | floor-router | cassandra | at rest | generator | sum without generator |", lines);
        Assert.Contains("| 400 | 2.00 | 0.50 | 9.00 | 2.00 | 2.50 |", lines);
        Assert.Contains("| 400 | 400, 800 | 16.0, 4.0 | 19.0, 4.0 | 9.00, 2.50 | 3.6 |", lines);
        Assert.Contains("The most that was read: 400/s by the services, 800/s by the floor; 0.6 of the floor's are 480.", lines);
    }

    [Fact]
    public void Use_between_two_moments_is_shared_among_the_messages()
    {
        var second = System.Diagnostics.Stopwatch.Frequency;
        var before = new Usage(second, new Dictionary<string, double> { ["api"] = 1 }, 1_000);
        var after = new Usage(3 * second, new Dictionary<string, double> { ["api"] = 1.5 }, 1_400);

        var (perSecond, cpu, requests) = after.Since(before, read: 100, all: 200);

        Assert.Equal((50, 2.5, 2), (perSecond, cpu["api"], requests));
        Assert.Equal(5, after.Since(before, read: 100).Cpu["api"]);
    }

    [Fact]
    public void Use_of_no_message_is_a_figure_that_json_can_tell()
    {
        var second = System.Diagnostics.Stopwatch.Frequency;
        var before = new Usage(second, new Dictionary<string, double> { ["api"] = 1, ["idle"] = 1 }, 1_000);
        var after = new Usage(3 * second, new Dictionary<string, double> { ["api"] = 1.5, ["idle"] = 1 }, 1_400);

        var (perSecond, cpu, requests) = after.Since(before, read: 0);

        Assert.Equal((0, 0, 0, null), (perSecond, cpu["api"], cpu["idle"], requests));
        System.Text.Json.JsonSerializer.Serialize(cpu);
    }

    [Fact]
    public void Half_and_99_percent_are_told_of_the_values_in_any_order() =>
        Assert.Equal(new(51, 100), Percentiles.Of(Enumerable.Range(1, 100).Reverse().Select(i => (double)i)));

    [Fact]
    public void Sum_of_requests_is_the_one_number_of_Cassandras_answer()
    {
        byte[] rows = [0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 1, 0, 2];

        Assert.Equal(65_538, CassandraRequests.ReadOnlyNumber(rows));
        Assert.Null(CassandraRequests.ReadOnlyNumber([0, 0, 0, 1, 255, 255, 255, 255]));
    }

    private static PipelineStep Floor(double rate, double figure) => Step(rate, 1, figure) with
    {
        IsFloor = true,
        ReadPerSecond = 2 * rate,
        Requests = 4,
        Cpu = new Dictionary<string, double>
        {
            ["floor-router"] = figure,
            ["cassandra"] = 0.5,
            [Usage.AtRest] = 9,
            [Usage.Generator] = 2,
        },
    };

    private static PipelineStep Step(double rate, int round, double figure, long missing = 0) => new(
        rate, round, 1_000, rate, new(figure, 10 * figure), new(2 * figure, 20 * figure),
        new Dictionary<string, double> { ["api"] = figure, ["cassandra"] = 1, [Usage.Generator] = 2 }, 19, 2, missing,
        new(7, 1, new(figure, 2 * figure)),
        new(200, new(3, 30), new(figure, 10 * figure), new(0, 0, new(0, 0)), 2));
}
