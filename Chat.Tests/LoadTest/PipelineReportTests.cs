using Chat.LoadTest.Distributed;
using Chat.LoadTest.Pipeline;

namespace Chat.Tests.LoadTest;

public sealed class PipelineReportTests
{
    private static readonly PipelineOptions Options = new(
        new("k", "c", "r", "127.0.0.1:9092", "127.0.0.1:9042", "127.0.0.1:6379", "of today"), [50, 400], TimeSpan.FromSeconds(20),
        TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(2), 60, true, false, 0, false, 3, [],
        TimeSpan.FromMinutes(30), 1, ["A=1"], null, null, null);

    [Fact]
    public void Each_rate_is_a_row_of_medians_with_their_spread_and_of_sums_of_what_must_be_0()
    {
        string[] lines = PipelineReport.Write(
            Options,
            new([
                Step(50, 1, 4, missing: 1), Step(400, 1, 7), Step(50, 2, 3, missing: 2), Step(400, 2, 9), Step(50, 3, 5), Step(400, 3, 8),
            ])).ToString().Split('\n');

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
        var report = PipelineReport.Write(Options, new([Step(50, 1, 4) with { Requests = null }])).ToString();

        Assert.Contains("| 50 | 4.0 | 40.0 | 8.0 | 80.0 | 50 | not known | 2 | 0 |", report, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_refused_and_another_organizations_figures_are_tables_of_their_own()
    {
        string[] lines = PipelineReport.Write(
            Options with { Once = true, Beside = 10 }, new([Step(2000, 1, 4), Step(2000, 2, 6), Step(2000, 3, 5)])).ToString().Split('\n');

        Assert.Contains("| 2000 | 1,000 (1,000 – 1,000) | 7 (7 – 7) | 5.0 (4.0 – 6.0) | 10.0 (8.0 – 12.0) | 3 |", lines);
        Assert.Contains(
            "| 2000 | 200 (200 – 200) | 3.0 (3.0 – 3.0) | 30.0 (30.0 – 30.0) | 5.0 (4.0 – 6.0) | 50.0 (40.0 – 60.0) | 0 | 6 |", lines);
        Assert.Contains("  --rates 50,400 --seconds 20 --rounds 3 --conversations 60 --keys --once --beside 10 --set A=1", lines);
    }

    [Theory]
    [InlineData(1000, 0, 200, 0, true)]
    [InlineData(0, 0, 200, 0, false)]
    [InlineData(1000, 1, 200, 0, false)]
    [InlineData(1000, 0, 0, 0, false)]
    [InlineData(1000, 0, 200, 1, false)]
    public void Run_is_complete_where_there_was_something_and_nothing_is_missing(
        int messages, int missing, int besideMessages, int besideMissing, bool isComplete)
    {
        var step = Step(50, 1, 4);
        step = step with
        {
            Messages = messages,
            Missing = missing,
            Beside = step.Beside! with { Messages = besideMessages, Missing = besideMissing },
        };

        Assert.Equal(isComplete, new PipelineResult([Step(50, 1, 4) with { Beside = null }, step]).IsComplete);
    }

    [Fact]
    public void Floor_has_tables_of_its_own_and_is_set_beside_the_services()
    {
        var text = PipelineReport.Write(
            Options with { Floor = true },
            new([Step(50, 1, 4), Floor(50, 1), Step(400, 1, 8), Floor(400, 2)])).ToString();
        string[] lines = text[text.IndexOf("### Floor", StringComparison.Ordinal)..].Split('\n');

        Assert.Contains("--keys --floor --set A=1", text, StringComparison.Ordinal);
        Assert.Contains("| 50 | 1.0 | 10.0 | 2.0 | 20.0 | 100 | 4.0 | 2 | 0 |", lines);
        Assert.Contains("| posts/s | floor-router | cassandra | at rest | generator | sum without generator |", lines);
        Assert.Contains("| 400 | 2.00 | 0.50 | 9.00 | 2.00 | 2.50 |", lines);
        Assert.Contains("| 400 | 400, 800 | 16.0, 4.0 | 19.0, 4.0 | 9.00, 2.50 | 3.6 |", lines);
        Assert.Contains("The most that was read: 400/s by the services, 800/s by the floor; 0.6 of the floor's are 480.", lines);
    }

    [Fact]
    public void Rates_with_different_history_are_rows_of_their_own_and_compared_with_the_least()
    {
        var text = PipelineReport.Write(
            Options with { Stored = [1_000, 10_000], StatusWorkers = 2 },
            new([
                Step(50, 1, 4) with { Stored = 1_000 }, Step(50, 2, 6) with { Stored = 1_000 }, Step(50, 1, 8) with { Stored = 10_000 },
            ])
            {
                Fills =
                [
                    new(1_000, 1_000, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(9)),
                    new(10_000, 9_000, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(70)),
                ],
            }).ToString();
        string[] lines = text.Split('\n');

        Assert.Contains("--keys --stored 1000,10000 --status-workers 2 --set A=1", text, StringComparison.Ordinal);
        Assert.Contains("| 50 (10,000 stored) | 8.00 | 1.00 | 2.00 | 9.00 |", lines);
        Assert.Contains("| 1,000 | 500 | 9 | 50 | 50 | 5.00; 0.00; 1.00 | 6.00 | 1.00 | 10.0 | 100.0 | 19.0 |", lines);
        Assert.Contains("| 10,000 | 3,000 | 70 | 50 | 50 | 8.00; 0.00; 1.00 | 9.00 | 1.50 | 16.0 | 160.0 | 19.0 |", lines);
    }

    [Fact]
    public void Memory_is_told_at_rest_and_of_each_rate()
    {
        string[] lines = PipelineReport.Write(
            Options,
            new([Step(50, 1, 4) with { Memory = Memory(100) }, Step(50, 2, 4) with { Memory = Memory(300) }, Step(400, 1, 4)])
            {
                AtRest = [new("at rest", Memory(50))],
            }).ToString().Split('\n');

        Assert.Contains("| posts/s | api | cassandra | sum |", lines);
        Assert.Contains("| at rest | 50; 25 | 1,000; 900 | 1,050; 925 |", lines);
        Assert.Contains("| 50 | 200; 100 | 1,000; 900 | 1,200; 1,000 |", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("| 400 |", StringComparison.Ordinal) && line.Contains(';'));
    }

    [Fact]
    public void Memory_is_read_as_Linux_writes_it()
    {
        const string Rollup = "5631-7ffd ---p 00000000 00:00 0   [rollup]\nRss:  9999 kB\nPss:   2048 kB\nPss_Anon:  512 kB\n";

        Assert.Equal(new(2, 0.5), ProcessMemory.Parse(Rollup));
    }

    [Theory]
    [InlineData("kafka", "kafka")]
    [InlineData("kafka-3", "kafka")]
    [InlineData("status-worker", "status-worker")]
    [InlineData("status-worker-12", "status-worker")]
    public void Instances_of_one_kind_have_one_name(string process, string kind) => Assert.Equal(kind, Instances.KindOf(process));

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
        Assert.Equal(new(50, 99), Percentiles.Of(Enumerable.Range(1, 100).Reverse().Select(i => (double)i)));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.07, 7)]
    [InlineData(0.071, 8)]
    [InlineData(0.999, 100)]
    [InlineData(1, 100)]
    public void Part_of_the_values_is_not_above_its_figure(double part, double expected) =>
        Assert.Equal(expected, new Chat.LoadTest.Figures(Enumerable.Range(1, 100).Select(i => (double)i)).At(part));

    [Fact]
    public void Sum_of_requests_is_the_one_number_of_Cassandras_answer()
    {
        byte[] rows = [0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 1, 0, 2];

        Assert.Equal(65_538, CassandraQuery.ReadOnlyNumber(rows));
        Assert.Null(CassandraQuery.ReadOnlyNumber([0, 0, 0, 1, 255, 255, 255, 255]));
    }

    private static Dictionary<string, ProcessMemory> Memory(double api) =>
        new() { ["api"] = new(api, api / 2), ["cassandra"] = new(1_000, 900) };

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
