namespace Chat.Simulation.Scheduling;

/// <summary>
/// The one source of chance of a run (SplitMix64): the same numbers for the same seed on every machine and under every runtime,
/// which <see cref="Random"/> does not promise.
/// </summary>
public sealed class SimRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next64()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    /// <summary>From 0 to <paramref name="below"/> - 1.</summary>
    public int Next(int below) => (int)(((UInt128)Next64() * (ulong)below) >> 64);

    /// <summary>Both ends included.</summary>
    public int Between(int least, int most) => least + Next(most - least + 1);

    /// <summary>In [0, 1).</summary>
    public double NextDouble() => (Next64() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double share) => share > 0 && NextDouble() < share;

    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>Evenly between two spans.</summary>
    public TimeSpan Span(TimeSpan least, TimeSpan most) => least + TimeSpan.FromTicks((long)(NextDouble() * (most - least).Ticks));

    public TimeSpan Milliseconds(double least, double most) => Span(TimeSpan.FromMilliseconds(least), TimeSpan.FromMilliseconds(most));

    public void Fill(Span<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)Next64();
    }

    public Guid NextGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        Fill(bytes);
        bytes[6] = (byte)(0x40 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>An independent stream: what is drawn from it changes nothing else.</summary>
    public SimRandom Fork() => new(Next64());

    internal static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}

/// <summary>The same numbers as a <see cref="Random"/>, for shells that take one.</summary>
public sealed class SimSystemRandom(SimRandom random) : Random
{
    public override double NextDouble() => random.NextDouble();

    public override int Next(int maxValue) => random.Next(maxValue);

    protected override double Sample() => random.NextDouble();
}
