using Chat.Simulation.Scheduling;
using MetaFaults = Chat.MetaSimulator.Webhooks.Faults;

namespace Chat.Simulation.Meta;

/// <summary>What real channels do in a run: the people who accounts at a simulated Meta write with, and what goes wrong there.</summary>
public sealed record MetaPlan
{
    /// <summary>Share of the accounts that are Instagram's; the others are WhatsApp numbers.</summary>
    public required double Instagram { get; init; }

    public required int People { get; init; }

    /// <summary>Messages that the desk posts from an account.</summary>
    public required int Posts { get; init; }

    /// <summary>Messages that people write.</summary>
    public required int Writes { get; init; }

    /// <summary>Messages that somebody of the desk's writes in the provider's own app.</summary>
    public required int Elsewhere { get; init; }

    /// <summary>Share of requests that never leave, as where no connection is made.</summary>
    public required double NotSent { get; init; }

    /// <summary>Share of requests that are lost on their way.</summary>
    public required double LostRequests { get; init; }

    /// <summary>Share of requests that Meta took and whose answer is lost.</summary>
    public required double LostAnswers { get; init; }

    /// <summary>Share of updates that come twice.</summary>
    public required double Duplicates { get; init; }

    /// <summary>Share of webhooks that come again although they were answered with 200.</summary>
    public required double Redeliveries { get; init; }

    /// <summary>Share of updates that later ones pass.</summary>
    public required double Disorder { get; init; }

    /// <summary>Share of Instagram's echoes that come before the answer.</summary>
    public required double EarlyEchoes { get; init; }

    /// <summary>Times that Meta refuses a message or asks to wait, on average, each minute.</summary>
    public required double Errors { get; init; }

    /// <summary>Times that an account's token dies for a while, on average, each minute.</summary>
    public required double DeadTokens { get; init; }

    /// <summary>Times that somebody switches a phone off or on, opens or closes a chat, or blocks it, on average, each minute.</summary>
    public required double Phones { get; init; }

    /// <summary>Statuses of one account's message that come to another account, on average, each minute.</summary>
    public required double Forgeries { get; init; }

    /// <summary>Of a run without accounts.</summary>
    public static MetaPlan None { get; } = new()
    {
        Instagram = 0,
        People = 0,
        Posts = 0,
        Writes = 0,
        Elsewhere = 0,
        NotSent = 0,
        LostRequests = 0,
        LostAnswers = 0,
        Duplicates = 0,
        Redeliveries = 0,
        Disorder = 0,
        EarlyEchoes = 0,
        Errors = 0,
        DeadTokens = 0,
        Phones = 0,
        Forgeries = 0,
    };

    /// <param name="Fault">Draws how often a fault happens: in what share of the runs, at least and at most.</param>
    public static MetaPlan Draw(SimRandom random, Func<double, double, double, double> Fault) => new()
    {
        Instagram = random.Chance(0.6) ? 0.5 : 0,
        People = random.Between(1, 3),
        Posts = random.Between(4, 25),
        Writes = random.Between(2, 15),
        Elsewhere = random.Between(0, 3),
        NotSent = Fault(0.3, 0.02, 0.3),
        LostRequests = Fault(0.4, 0.02, 0.3),
        LostAnswers = Fault(0.5, 0.02, 0.4),
        Duplicates = Fault(0.5, 0.05, 0.5),
        Redeliveries = Fault(0.5, 0.05, 0.5),
        Disorder = Fault(0.5, 0.05, 0.5),
        EarlyEchoes = Fault(0.5, 0.1, 1),
        Errors = Fault(0.5, 2, 20),
        DeadTokens = Fault(0.3, 1, 6),
        Phones = Fault(0.7, 5, 40),
        Forgeries = Fault(0.4, 2, 20),
    };

    internal MetaFaults ToFaults() => new()
    {
        LostRequests = LostRequests,
        LostAnswers = LostAnswers,
        Silences = 0.5,
        Duplicates = Duplicates,
        Redeliveries = Redeliveries,
        Disorder = Disorder,
        EarlyEchoes = EarlyEchoes,
        BatchSize = 10,
    };
}
