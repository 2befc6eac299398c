using System.Diagnostics;
using System.Globalization;
using Chat.Simulation;

namespace Chat.Tests.Simulation;

/// <summary>The whole pipeline on simulated engines and a fake clock: see docs/simulation.md.</summary>
public sealed class SimulationTests
{
    private const int Seeds = 1000;

    [Fact]
    public void A_thousand_seeds_keep_every_promise()
    {
        var outcomes = Runner.Run(1, Seeds, Sabotage.None, Environment.ProcessorCount);

        Assert.Equal(Seeds, outcomes.Count);
        Assert.All(outcomes, o => Assert.Empty(o.Violations));
        // It was not quiet all along.
        Assert.True(outcomes.Sum(o => o.Frames) > 50 * Seeds);
    }

    /// <summary>A net without a hole catches: each deliberate break is noticed, and soon.</summary>
    [Theory]
    [InlineData(Sabotage.CommitBeforePersist, 10)]
    [InlineData(Sabotage.PublishBeforePersist, 10)]
    [InlineData(Sabotage.OverwriteFacts, 10)]
    [InlineData(Sabotage.RenumberRedelivery, 10)]
    [InlineData(Sabotage.NoPrevCheck, 40)]
    [InlineData(Sabotage.NoHeadCheck, 200)]
    [InlineData(Sabotage.NoRestored, 40)]
    [InlineData(Sabotage.SubscribeTooEarly, 100)]
    [InlineData(Sabotage.NoLookAfterParking, 20)]
    [InlineData(Sabotage.NoLookForParked, 10)]
    [InlineData(Sabotage.NoOwnerCheck, 10)]
    [InlineData(Sabotage.ClientSkipsPage, 100)]
    [InlineData(Sabotage.ClientForgetsSince, 10)]
    public void A_deliberate_break_is_noticed(Sabotage sabotage, int within) =>
        Assert.NotNull(Runner.Catch(sabotage, within, Environment.ProcessorCount));

    [Fact]
    public void Every_deliberate_break_is_tried()
    {
        var tried = GetType().GetMethod(nameof(A_deliberate_break_is_noticed))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false)
            .Select(a => (Sabotage)((InlineDataAttribute)a).Data[0]!);

        Assert.Equal(Enum.GetValues<Sabotage>().Where(s => s != Sabotage.None), tried.Order());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(101)]
    public void A_seed_replays_exactly(ulong seed)
    {
        var first = SimulationRun.Of(seed);
        var told = SimulationRun.Of(seed, story: new StringWriter());

        Assert.Equal(first.Hash, told.Hash);
        Assert.Equal(first.Steps, told.Steps);
    }

    [Fact]
    public void Another_seed_is_another_run() => Assert.NotEqual(SimulationRun.Of(1).Hash, SimulationRun.Of(2).Hash);

    [Theory]
    [InlineData(5)]
    [InlineData(42)]
    public async Task A_seed_replays_exactly_in_another_process(ulong seed)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Chat.Simulation.dll"), "--seed", $"{seed}", "--hash"])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var printed = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(SimulationRun.Of(seed).Hash, ulong.Parse(printed.Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
