using Chat.Core.Audit;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Time;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tools.Audit;

/// <summary>Says whether everything that was acknowledged in a window is in the store.</summary>
public static class AuditCommand
{
    private static readonly (AuditOutcome Outcome, string Text)[] Explained =
    [
        (AuditOutcome.Repeated, "repeated: an earlier time or number is kept"),
        (AuditOutcome.Joined, "came before its message, and came back"),
        (AuditOutcome.Rekeyed, "misrouted: appended again under the right key"),
        (AuditOutcome.Parked, "parked: waits for its message"),
        (AuditOutcome.GivenUp, "given up: a dead letter, its message never came"),
        (AuditOutcome.NotOurs, "not ours: of a message that another system sent"),
        (AuditOutcome.DeadLetter, "dead letter: unreadable, or contradicts the store"),
        (AuditOutcome.Expired, "change past its retention"),
        (AuditOutcome.Erased, "erased with its conversation"),
    ];

    public static Task<int> RunAsync(AuditCommandOptions options, TextWriter output, CancellationToken cancellationToken) =>
        ToolHost.RunAsync(options.Data, AddStores, services => RunAsync(
            services.GetRequiredService<IEventLog>(),
            services.GetRequiredService<ILogReader>(),
            services.GetRequiredService<AuditStores>(),
            services.GetRequiredService<IConfiguration>()[ConsumerGroup.StatusWorkerSetting] ?? ConsumerGroup.StatusWorker,
            options.Window(services.GetRequiredService<TimeProvider>().GetUtcNow()),
            output,
            cancellationToken));

    public static async Task<int> RunAsync(
        IEventLog log,
        ILogReader reader,
        AuditStores stores,
        string group,
        AuditWindow window,
        TextWriter output,
        CancellationToken cancellationToken)
    {
        var run = await AuditRun.StartAsync(log, reader, stores, group, window, cancellationToken);
        await output.WriteLineAsync($"msg.status from {WireTime.Format(window.From)} to {WireTime.Format(window.To)}");
        if (await run.FindCompleteFromAsync(cancellationToken) is { } seen)
            await output.WriteLineAsync($"the log has deleted older events: complete only from {WireTime.Format(seen)} on");
        var tally = new AuditTally(output.WriteLine);
        foreach (var range in run.Ranges) await run.CheckAsync(range, tally, cancellationToken);
        await WriteAsync(tally, output);
        return tally.Missing == 0 ? 0 : 1;
    }

    private static void AddStores(IServiceCollection services)
    {
        services.AddSingleton<MessageLookup>();
        services.AddSingleton<AuditStores>();
    }

    private static async Task WriteAsync(AuditTally tally, TextWriter output)
    {
        await RowAsync("events in the window", tally.Events);
        await RowAsync("  in flight", tally[AuditOutcome.InFlight]);
        await RowAsync("facts acknowledged", tally.FactsAcknowledged);
        await RowAsync("facts in the store", tally.FactsInStore);
        await RowAsync("changes in the store", tally[AuditOutcome.Changed]);
        await output.WriteLineAsync("explained without a change of their own");
        foreach (var (outcome, text) in Explained) await RowAsync($"  {text}", tally[outcome]);
        await RowAsync("missing facts", tally[AuditOutcome.MissingFact]);
        await RowAsync("missing changes", tally[AuditOutcome.MissingChange]);
        await RowAsync("missing dead letters", tally[AuditOutcome.MissingDeadLetter]);

        Task RowAsync(string text, long count) => output.WriteLineAsync($"{text,-52}{count,12}");
    }
}
