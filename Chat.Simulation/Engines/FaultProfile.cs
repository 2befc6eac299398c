using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Engines;

/// <summary>An engine did not do what it was asked, or does not say whether it did.</summary>
public sealed class EngineException(string message) : Exception(message);

/// <summary>How one engine is doing: the faults of its calls, until <see cref="Clear"/>.</summary>
public sealed class FaultProfile(string name, SimRandom random)
{
    public string Name { get; } = name;

    /// <summary>Share of calls that fail and did nothing.</summary>
    public double FailBefore { get; set; }

    /// <summary>Share of calls that fail and did all they were asked.</summary>
    public double FailAfter { get; set; }

    /// <summary>Share of calls that fail and did a part, the rest of which may still come.</summary>
    public double FailMidway { get; set; }

    /// <summary>Share of messages that take up to <see cref="Slowest"/>.</summary>
    public double Slow { get; set; }

    public TimeSpan Slowest { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Nobody reaches it.</summary>
    public bool IsDown { get; set; }

    /// <summary>Its disk is full: it reads, and can't write.</summary>
    public bool IsFull { get; set; }

    /// <summary>Deliberate break: what can't be written is acknowledged.</summary>
    public bool AcknowledgesWhenFull { get; init; }

    /// <summary>What it refuses for good, also after <see cref="Clear"/>.</summary>
    public required Refusals Refusals { get; init; }

    public TimeSpan Latency() =>
        random.Chance(Slow) ? random.Span(TimeSpan.Zero, Slowest)
        : random.Chance(0.05) ? random.Milliseconds(1, 40)
        : random.Milliseconds(0.05, 2);

    public void Clear()
    {
        (FailBefore, FailAfter, FailMidway, Slow) = (0, 0, 0, 0);
        (IsDown, IsFull) = (false, false);
    }
}
