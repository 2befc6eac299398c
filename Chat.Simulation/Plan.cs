using Chat.Simulation.Meta;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation;

/// <summary>
/// What happens in a seed's run. Every fault is in some runs and not in others, so that one does not hide another (a head check
/// finds what the hub's own repair missed).
/// </summary>
public sealed record Plan
{
    /// <summary>How long faults happen.</summary>
    public required TimeSpan Faults { get; init; }

    /// <summary>How long nothing goes wrong, before the final check.</summary>
    public required TimeSpan Quiet { get; init; }

    public required int Routers { get; init; }

    public required int StatusWorkers { get; init; }

    public required int Apis { get; init; }

    public required int Connectors { get; init; }

    public required int Clients { get; init; }

    public required int Conversations { get; init; }

    public required int Messages { get; init; }

    /// <summary>Status events from outside for each message.</summary>
    public required double ExtraStatuses { get; init; }

    /// <summary>What is wrong with the statuses from outside.</summary>
    public required bool Duplicates { get; init; }

    public required bool LateFailures { get; init; }

    public required bool EarlyStatuses { get; init; }

    public required bool ForeignKeys { get; init; }

    public required bool NoConversationIds { get; init; }

    public required bool Poison { get; init; }

    public required bool OtherOrganizations { get; init; }

    public required bool AbsurdTimes { get; init; }

    /// <summary>Times that a process dies, on average, each minute; 0 for never.</summary>
    public required double Crashes { get; init; }

    public required double Pauses { get; init; }

    public required double Restarts { get; init; }

    public required double Rebalances { get; init; }

    public required double BusBreaks { get; init; }

    public required double BusOutages { get; init; }

    public required double EngineOutages { get; init; }

    public required double ClientTroubles { get; init; }

    public required double SlowReaders { get; init; }

    public required double BusDrops { get; init; }

    public required double BusSlow { get; init; }

    public required double FailBefore { get; init; }

    public required double FailAfter { get; init; }

    public required double FailMidway { get; init; }

    public required double Slow { get; init; }

    public required double LoseCommits { get; init; }

    /// <summary>Processes' clocks are off by up to this.</summary>
    public required TimeSpan Skew { get; init; }

    /// <summary>How long changes are kept; null for ever.</summary>
    public required TimeSpan? Retention { get; init; }

    /// <summary>Off where nothing is lost silently: then prev and the bus' own signal have to suffice.</summary>
    public required bool HeadChecks { get; init; }

    public required int ReadPage { get; init; }

    public required int MaxHeld { get; init; }

    public required int MaxReads { get; init; }

    /// <summary>Times that <c>msg.status</c> gets another partition, and the numbers another epoch, on average, each minute.</summary>
    public required double Growths { get; init; }

    /// <summary>The store's answers to the API may be behind by up to this, as those of a replica far away.</summary>
    public required TimeSpan Lag { get; init; }

    /// <summary>Times that a conversation can't be read by the API for a while, on average, each minute.</summary>
    public required double Unreadables { get; init; }

    /// <summary>One conversation can't be read by the API to the very end.</summary>
    public required bool StaysUnreadable { get; init; }

    /// <summary>Times that a process' clock is set back or forth, on average, each minute.</summary>
    public required double ClockSteps { get; init; }

    /// <summary>Two processes' clocks are never further apart: each is off by its skew, and by steps forth.</summary>
    public TimeSpan ClocksApart => (2 * Skew) + (ClockSteps > 0 ? TimeSpan.FromMinutes(1) : TimeSpan.Zero) + TimeSpan.FromSeconds(1);

    /// <summary>Payloads of another system on the same bus, on average, each minute.</summary>
    public required double ForeignPayloads { get; init; }

    /// <summary>Share of all that can be refused that the engines refuse for good.</summary>
    public required double Refusals { get; init; }

    /// <summary>Times that retention takes what a group has not processed, on average, each minute.</summary>
    public required double Losses { get; init; }

    /// <summary>Share of events on which our own code throws.</summary>
    public required double Defects { get; init; }

    /// <summary>Times that the engines' disk is full for a while, on average, each minute.</summary>
    public required double FullDisks { get; init; }

    /// <summary>Accounts at a simulated Meta, which the desk sends from beside the simulated channels; 0 for none.</summary>
    public required int Accounts { get; init; }

    public required MetaPlan Meta { get; init; }

    /// <summary>How long a status waits for its message before it is given up; null for longer than the run.</summary>
    public required TimeSpan? ParkedFor { get; init; }

    public static Plan Draw(SimRandom random)
    {
        double Rate(double share, double least, double most) => random.Chance(share) ? least + (random.NextDouble() * (most - least)) : 0;
        // One run in six has no fault but delays.
        var calm = random.Chance(1 / 6.0);
        double Fault(double share, double least, double most)
        {
            var rate = Rate(share, least, most);
            return calm ? 0 : rate;
        }
        var drops = Fault(0.35, 0.02, 0.3);
        var plan = Draw(random, Rate, Fault, drops);
        // Drawn last, so that what is drawn before them stays what it was. Where reads are behind, only time or a head check helps.
        var lag = TimeSpan.FromSeconds(Fault(0.25, 0.1, 4));
        plan = plan with
        {
            Lag = lag,
            Unreadables = Fault(0.25, 2, 20),
            StaysUnreadable = !calm && random.Chance(0.15),
            ClockSteps = Fault(0.25, 1, 20),
            ForeignPayloads = Fault(0.3, 2, 60),
            Refusals = Fault(0.35, 0.005, 0.08),
            Losses = Fault(0.25, 2, 20),
            Defects = Fault(0.3, 0.005, 0.05),
            FullDisks = Fault(0.25, 0.5, 4),
            Accounts = random.Chance(0.35) ? random.Between(1, 3) : 0,
            Meta = MetaPlan.Draw(random, Fault),
            ParkedFor = random.Chance(0.3) ? random.Span(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20)) : null,
        };
        // A frame that was not published before its event was lost is in the store, and nobody publishes it any more.
        return plan with { HeadChecks = plan.HeadChecks || plan.Lag > TimeSpan.Zero || plan.Losses > 0 };
    }

    /// <summary>
    /// The plan as it is run: with accounts where the bug is one of theirs, without where it is another. Accounts are run without
    /// refusals, defects and retention, and long enough for what waits: up to minutes, by the provider's own rules.
    /// </summary>
    public Plan WithAccounts(InjectedBug bug)
    {
        var plan = bug switch
        {
            InjectedBug.None => this,
            InjectedBug.TryNotClaimed => this with
            {
                Accounts = Math.Max(Accounts, 1),
                Crashes = Math.Max(Crashes, 20),
                Rebalances = Math.Max(Rebalances, 20),
            },
            InjectedBug.LostAnswerSentAgain => this with
            {
                Accounts = Math.Max(Accounts, 1),
                Meta = Meta with { LostAnswers = Math.Max(Meta.LostAnswers, 0.2) },
            },
            InjectedBug.HoldNotKept => this with
            {
                Accounts = Math.Max(Accounts, 1),
                Meta = Meta with { Errors = Math.Max(Meta.Errors, 10), DeadTokens = Math.Max(Meta.DeadTokens, 4) },
            },
            InjectedBug.AnsweredBeforeAppend => this with { Accounts = Math.Max(Accounts, 1), Crashes = Math.Max(Crashes, 20) },
            InjectedBug.RedeliveryIsNew => this with
            {
                Accounts = Math.Max(Accounts, 1),
                Meta = Meta with { Redeliveries = Math.Max(Meta.Redeliveries, 0.2) },
            },
            InjectedBug.AccountNotChecked => this with
            {
                Accounts = Math.Max(Accounts, 2),
                Meta = Meta with { Instagram = 0, Forgeries = Math.Max(Meta.Forgeries, 10) },
            },
            InjectedBug.NoLookForParkedIds => this with
            {
                Accounts = Math.Max(Accounts, 2),
                Meta = Meta with
                {
                    Instagram = 1,
                    LostAnswers = Math.Max(Meta.LostAnswers, 0.2),
                    Disorder = Math.Max(Meta.Disorder, 0.3),
                    Phones = Math.Max(Meta.Phones, 20),
                },
            },
            _ => this with { Accounts = 0 },
        };
        return plan.Accounts == 0
            ? plan
            : plan with { Refusals = 0, Defects = 0, Losses = 0, Quiet = TimeSpan.FromMinutes(5) };
    }

    private static Plan Draw(
        SimRandom random, Func<double, double, double, double> Rate, Func<double, double, double, double> Fault, double drops) =>
        new()
        {
            Faults = random.Span(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(60)),
            Quiet = TimeSpan.FromSeconds(120),
            Routers = random.Between(1, 2),
            StatusWorkers = random.Between(1, 3),
            Apis = random.Between(1, 2),
            Connectors = random.Between(1, 2),
            Clients = random.Between(2, 8),
            Conversations = random.Between(1, 6),
            Messages = random.Between(4, 30),
            ExtraStatuses = Rate(0.8, 0.3, 3),
            Duplicates = random.Chance(0.5),
            LateFailures = random.Chance(0.4),
            EarlyStatuses = random.Chance(0.5),
            ForeignKeys = random.Chance(0.4),
            NoConversationIds = random.Chance(0.4),
            Poison = random.Chance(0.3),
            OtherOrganizations = random.Chance(0.3),
            AbsurdTimes = random.Chance(0.3),
            Crashes = Fault(0.5, 1, 25),
            Pauses = Fault(0.4, 1, 15),
            Restarts = Fault(0.3, 1, 8),
            Rebalances = Fault(0.5, 1, 30),
            BusBreaks = Fault(0.5, 1, 30),
            BusOutages = Fault(0.25, 0.5, 3),
            EngineOutages = Fault(0.25, 0.5, 3),
            ClientTroubles = Rate(0.7, 1, 60),
            SlowReaders = Rate(0.4, 1, 20),
            BusDrops = drops,
            BusSlow = Rate(0.3, 0.01, 0.2),
            FailBefore = Fault(0.4, 0.01, 0.15),
            FailAfter = Fault(0.4, 0.01, 0.15),
            FailMidway = Fault(0.4, 0.01, 0.15),
            Slow = Rate(0.5, 0.01, 0.3),
            LoseCommits = Fault(0.5, 0.2, 1),
            Skew = TimeSpan.FromMilliseconds(Rate(0.5, 1, 3000)),
            Retention = random.Chance(0.2) ? random.Span(TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(20)) : null,
            HeadChecks = drops > 0 || random.Chance(0.3),
            ReadPage = random.Chance(0.5) ? random.Between(1, 4) : 100,
            MaxHeld = random.Chance(0.5) ? random.Between(1, 4) : 1000,
            MaxReads = random.Between(1, 4),
            Growths = Fault(0.25, 1, 8),
            Lag = TimeSpan.Zero,
            Unreadables = 0,
            StaysUnreadable = false,
            ClockSteps = 0,
            ForeignPayloads = 0,
            Refusals = 0,
            Losses = 0,
            Defects = 0,
            FullDisks = 0,
            Accounts = 0,
            Meta = MetaPlan.None,
            ParkedFor = null,
        };
}
