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
        var outcomes = Runner.Run(1, Seeds, InjectedBug.None, Environment.ProcessorCount);

        Assert.Equal(Seeds, outcomes.Count);
        Assert.All(outcomes, o => Assert.Empty(o.Violations));
        // Where two workers overlap: docs/simulation.md. Were a frame its own event's status, there would be thousands.
        Assert.InRange(outcomes.Sum(o => o.StepsBack), 0, Seeds / 20);
        // It was not quiet all along.
        Assert.True(outcomes.Sum(o => o.Frames) > 50 * Seeds);
        Assert.True(outcomes.Sum(o => o.Pointers) > Seeds / 2);
        Assert.True(outcomes.Sum(o => o.Reached) > Seeds);
        Assert.True(outcomes.Sum(o => o.Written) > Seeds / 2);
    }

    /// <summary>A net without a hole catches: each deliberate break is noticed, and soon.</summary>
    [Theory]
    [InlineData(InjectedBug.CommitBeforePersist, 10)]
    [InlineData(InjectedBug.PublishBeforePersist, 10)]
    [InlineData(InjectedBug.OverwriteFacts, 10)]
    [InlineData(InjectedBug.OrderById, 20)]
    [InlineData(InjectedBug.RenumberRedelivery, 10)]
    [InlineData(InjectedBug.NoPrevCheck, 40)]
    [InlineData(InjectedBug.NoHeadCheck, 200)]
    [InlineData(InjectedBug.NoRestored, 20)]
    [InlineData(InjectedBug.SubscribeTooEarly, 100)]
    [InlineData(InjectedBug.PlaceKept, 20)]
    [InlineData(InjectedBug.CoveredMovesLast, 60)]
    [InlineData(InjectedBug.NoLookAfterParking, 20)]
    [InlineData(InjectedBug.NoLookForParked, 10)]
    [InlineData(InjectedBug.NoOwnerCheck, 10)]
    [InlineData(InjectedBug.RefusalRetried, 40)]
    [InlineData(InjectedBug.RefusedBatchDropped, 40)]
    [InlineData(InjectedBug.PointerNotAwaited, 40)]
    [InlineData(InjectedBug.LossNotCounted, 40)]
    [InlineData(InjectedBug.FullDiskAcknowledged, 40)]
    [InlineData(InjectedBug.TryNotClaimed, 40)]
    [InlineData(InjectedBug.LostAnswerSentAgain, 20)]
    [InlineData(InjectedBug.HoldNotKept, 20)]
    [InlineData(InjectedBug.AnsweredBeforeAppend, 60)]
    [InlineData(InjectedBug.RedeliveryIsNew, 20)]
    [InlineData(InjectedBug.AccountNotChecked, 20)]
    [InlineData(InjectedBug.NoLookForParkedIds, 60)]
    [InlineData(InjectedBug.OwnMessagePutAside, 10)]
    [InlineData(InjectedBug.ForeignMessageRouted, 20)]
    [InlineData(InjectedBug.ClientSkipsPage, 100)]
    [InlineData(InjectedBug.ClientForgetsSince, 10)]
    public void A_deliberate_break_is_noticed(InjectedBug bug, int within)
    {
        var caught = Runner.Catch(bug, within, Environment.ProcessorCount);

        Assert.NotNull(caught);
        // It was the break, and not the faults that come with it.
        Assert.Empty(SimulationRun.Execute(caught.Value.Outcome.Seed, bug, isControl: true).Violations);
    }

    [Fact]
    public void Every_deliberate_break_is_tried()
    {
        var tried = GetType().GetMethod(nameof(A_deliberate_break_is_noticed))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false)
            .Select(a => (InjectedBug)((InlineDataAttribute)a).Data[0]!);

        Assert.Equal(Enum.GetValues<InjectedBug>().Where(s => s != InjectedBug.None), tried.Order());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(83)]
    [InlineData(101)]
    public void A_seed_replays_exactly(ulong seed)
    {
        var first = SimulationRun.Execute(seed);
        var told = SimulationRun.Execute(seed, trace: new StringWriter());

        Assert.Equal(first.Hash, told.Hash);
        Assert.Equal(first.Steps, told.Steps);
    }

    [Fact]
    public void Another_seed_is_another_run() => Assert.NotEqual(SimulationRun.Execute(1).Hash, SimulationRun.Execute(2).Hash);

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

        Assert.Equal(SimulationRun.Execute(seed).Hash, ulong.Parse(printed.Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
