using Chat.Core.Accounts;
using Chat.Core.Engines;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Time;
using Chat.Simulation.Checks;
using Chat.Simulation.Clients;
using Chat.Simulation.Engines;
using Chat.Simulation.Meta;
using Chat.Simulation.Nodes;
using Chat.Simulation.Scheduling;
using Microsoft.Extensions.Logging;

namespace Chat.Simulation;

/// <summary>All of one run: engines, processes, clients, and what must hold.</summary>
public sealed class World
{
    private readonly List<string> _violations = [];
    private int _named;

    /// <param name="isControl">What happens is what happens with the bug, and the bug is left out: nothing may be noticed.</param>
    public World(ulong seed, InjectedBug bug, TextWriter? trace, bool isControl = false)
    {
        Seed = seed;
        Random = new(SimRandom.Mix(seed + 1));
        Plan = Plan.Draw(Random.Fork());
        // Each needs a coincidence that is rare with the faults that there are otherwise.
        Plan = bug switch
        {
            InjectedBug.NoRestored => Plan with
            {
                BusBreaks = Math.Max(Plan.BusBreaks, 20),
                BusOutages = Math.Max(Plan.BusOutages, 4),
                BusDrops = 0,
                HeadChecks = false,
                Lag = TimeSpan.Zero,
            },
            InjectedBug.NoHeadCheck => Plan with { BusDrops = Math.Max(Plan.BusDrops, 0.1), HeadChecks = isControl },
            InjectedBug.SubscribeTooEarly => Plan with
            {
                BusSlow = Math.Max(Plan.BusSlow, 0.3),
                BusBreaks = 0,
                BusDrops = 0,
                HeadChecks = false,
                Lag = TimeSpan.Zero,
            },
            InjectedBug.PlaceKept => Plan with
            {
                StaysUnreadable = true,
                MaxReads = 1,
                Conversations = Math.Max(Plan.Conversations, 3),
                BusDrops = Math.Max(Plan.BusDrops, 0.2),
                HeadChecks = true,
            },
            InjectedBug.CoveredMovesLast => Plan with
            {
                Lag = TimeSpan.FromSeconds(4),
                BusDrops = Math.Max(Plan.BusDrops, 0.2),
                HeadChecks = true,
            },
            InjectedBug.RefusalRetried or InjectedBug.RefusedBatchDropped or InjectedBug.PointerNotAwaited => Plan with
            {
                Refusals = Math.Max(Plan.Refusals, 0.05),
            },
            InjectedBug.LossNotCounted => Plan with { Losses = Math.Max(Plan.Losses, 30), Crashes = Math.Max(Plan.Crashes, 10) },
            InjectedBug.ForeignMessageRouted => Plan with { OtherOrganizations = true },
            InjectedBug.FullDiskAcknowledged => Plan with { FullDisks = Math.Max(Plan.FullDisks, 2) },
            _ => Plan,
        };
        Plan = Plan.WithAccounts(bug);
        if (isControl) bug = InjectedBug.None;
        InjectedBug = bug;
        Scheduler = new(Random.Fork(), Violation);
        TraceWriter = new(Scheduler, trace);
        Log = new(Scheduler, Random.Fork(), TraceWriter)
        {
            CommitsOnRead = bug == InjectedBug.CommitBeforePersist,
            RenumbersRedelivery = bug == InjectedBug.RenumberRedelivery,
            CountsNoLoss = bug == InjectedBug.LossNotCounted,
            LoseCommits = Plan.LoseCommits,
            IsDefective = new Refusals(seed, Plan.Defects, InjectedBug.None).IsDefective,
        };
        Store = new()
        {
            OverwritesFacts = bug == InjectedBug.OverwriteFacts,
            OrdersById = bug == InjectedBug.OrderById,
            Clock = () => Scheduler.Now,
            Lag = Plan.Lag,
        };
        Bus = new(Scheduler, Random.Fork(), TraceWriter) { DropSilently = Plan.BusDrops, Slow = Plan.BusSlow };
        Refusals = new(seed, Plan.Refusals, bug);
        var acknowledgesWhenFull = bug == InjectedBug.FullDiskAcknowledged;
        LogFaults = new("log", Random.Fork()) { Refusals = Refusals, AcknowledgesWhenFull = acknowledgesWhenFull };
        StoreFaults = new("store", Random.Fork()) { Refusals = Refusals, AcknowledgesWhenFull = acknowledgesWhenFull };
        // A frame that is refused is found by the next one of its conversation, or by the check of the heads.
        BusFaults = new("bus", Random.Fork()) { Refusals = Plan.HeadChecks ? Refusals : new(seed, 0, bug) };
        foreach (var faults in AllFaults)
        {
            (faults.FailBefore, faults.FailAfter, faults.FailMidway) = (Plan.FailBefore, Plan.FailAfter, Plan.FailMidway);
            faults.Slow = Plan.Slow;
        }
        Checker = new(this);
        if (Plan.Accounts == 0) return;
        Meta = new(this, Checker.Organizations);
        AccountChecker = new(this, Meta);
        AccountWorkload = new(this, Meta);
    }

    public ulong Seed { get; }

    public InjectedBug InjectedBug { get; }

    public Plan Plan { get; }

    public SimRandom Random { get; }

    public SimScheduler Scheduler { get; }

    public TraceWriter TraceWriter { get; }

    public LogState Log { get; }

    public StoreState Store { get; }

    public BusState Bus { get; }

    public Refusals Refusals { get; }

    public FaultProfile LogFaults { get; }

    public FaultProfile StoreFaults { get; }

    public FaultProfile BusFaults { get; }

    public IEnumerable<FaultProfile> AllFaults => [LogFaults, StoreFaults, BusFaults];

    /// <summary>Checks what must hold, by what it sees from outside the services.</summary>
    public InvariantChecker Checker { get; }

    /// <summary>What accounts send to and hear from; null in a run without accounts, as the next two are.</summary>
    public SimMeta? Meta { get; }

    internal AccountChecker? AccountChecker { get; }

    internal AccountWorkload? AccountWorkload { get; }

    public List<Node> Nodes { get; } = [];

    public IEnumerable<ApiNode> Apis => Nodes.OfType<ApiNode>().Where(n => !n.Process.IsDead && !n.IsStopping);

    public List<SimulatedUser> Users { get; } = [];

    public IReadOnlyList<string> Violations => _violations;

    /// <summary>What no API instance can read to the end; what clients show of it is not compared.</summary>
    public Guid? KeptUnreadable { get; private set; }

    public void KeepUnreadable(Guid? conversation)
    {
        KeptUnreadable = conversation;
        if (conversation is not { } kept) return;
        TraceWriter.Write(Scheduler.World, $"{kept} can't be read to the end");
        Store.Unreadable.Add(kept);
    }

    public void Violation(string text)
    {
        _violations.Add(text);
        TraceWriter.Write("VIOLATION", text);
    }

    public SimProcess NewProcess(string kind) => Scheduler.NewProcess(
        $"{kind}-{++_named}", TimeSpan.FromTicks((long)(Plan.Skew.Ticks * ((Random.NextDouble() * 2) - 1))));

    public Link LinkOf(SimProcess process, FaultProfile faults) => new(process, faults, Random.Fork(), TraceWriter);

    public SimLog LogOf(SimProcess process) => new(Log, LinkOf(process, LogFaults))
    {
        AppendsPointersLater = InjectedBug == InjectedBug.PointerNotAwaited,
        AppendsWebhooksLater = InjectedBug == InjectedBug.AnsweredBeforeAppend,
        Rewrites = InjectedBug switch
        {
            InjectedBug.RedeliveryIsNew => RewrittenEvents.WithNewIds(Random.Fork()),
            InjectedBug.AccountNotChecked => RewrittenEvents.WithoutAccount,
            _ => null,
        },
    };

    public SimStore StoreOf(SimProcess process, bool withBug) =>
        new(Store, LinkOf(process, StoreFaults)) { InjectedBug = withBug ? InjectedBug : InjectedBug.None };

    /// <summary>The store as an API instance sees it: maybe behind, maybe without some conversations.</summary>
    public SimStore ReplicaOf(SimProcess process) => new(Store, LinkOf(process, StoreFaults))
    {
        InjectedBug = InjectedBug is InjectedBug.NoOwnerCheck or InjectedBug.CoveredMovesLast ? InjectedBug : InjectedBug.None,
        IsReplica = true,
        Published = Bus.LastPublished,
    };

    /// <summary>The accounts as a process knows them.</summary>
    public AccountDirectory AccountsOf(SimProcess process, SimStore store, SimMeta meta) =>
        new(meta.Options, meta.Options.Vault(), store, process.Time, LoggerOf<AccountDirectory>(process));

    /// <summary>Asks for them every few seconds, as every service does.</summary>
    public async Task RefreshAsync(SimProcess process, AccountDirectory accounts, CancellationToken stopping)
    {
        while (true)
        {
            await RetryOf(process).RunAsync(
                LoggerOf<AccountDirectory>(process), "read", "the accounts", accounts.RefreshAsync, stopping);
            await Task.Delay(Meta!.Options.RefreshInterval, process.Time, stopping);
        }
    }

    public static RetryForever RetryOf(SimProcess process) => new(process.Time);

    public RefusedEvents RefusedOf(SimProcess process, SimLog log) =>
        new(log, RetryOf(process), new(SharedMeters.Instance), process.Time, LoggerOf<RefusedEvents>(process));

    public ReleasedStatuses ReleasedOf(SimProcess process, SimLog log) =>
        new(log, new(SharedMeters.Instance), LoggerOf<ReleasedStatuses>(process));

    public ILogger<T> LoggerOf<T>(SimProcess process) => new SimLogger<T>(this, process);

    /// <summary>
    /// A request to an API instance over HTTP: its answer, or an exception where it failed, or where the instance died meanwhile.
    /// </summary>
    public Task<T> RequestAsync<T>(SimProcess client, ApiNode api, Func<Task<T>> handle)
    {
        var answer = new TaskCompletionSource<T>();
        void Fail(string why) => FailWith(new IOException(why));
        void FailWith(Exception why) => Scheduler.After(Random.Milliseconds(0.1, 50), client, () => answer.TrySetException(why));
        if (api.Process.IsDead) Fail("connection refused");
        else
        {
            api.Process.OnDeath(() => Fail("connection reset"));
            Scheduler.After(Random.Milliseconds(0.1, 10), api.Process, () => _ = RunAsync());
            Scheduler.After(TimeSpan.FromSeconds(15), client, () => answer.TrySetException(new TimeoutException()));
        }
        return answer.Task;

        async Task RunAsync()
        {
            try
            {
                var result = await handle();
                Scheduler.After(Random.Milliseconds(0.1, 10), client, () => answer.TrySetResult(result));
            }
            catch (Exception exception) when (exception is Chat.Api.Problems.UnavailableException)
            {
                Fail("503");
            }
            catch (EngineRefusedException exception)
            {
                // 413: trying again is useless.
                FailWith(exception);
            }
        }
    }
}

/// <summary>The services' log lines, as part of the trace.</summary>
public sealed class SimLogger<T>(World world, SimProcess process) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => world.TraceWriter.IsEnabled;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        var text = formatter(state, exception);
        world.TraceWriter.Write(process.Name, exception is null ? text : $"{text}: {exception.Message}");
    }
}
