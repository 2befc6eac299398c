namespace Chat.MetaSimulator.Hosting;

/// <summary>Settings of the simulator.</summary>
public sealed class SimulatorOptions
{
    public const string Section = "Simulator";

    /// <summary>What everything drawn comes from; null for another one at each start, so that no message id comes twice.</summary>
    public int? Seed { get; set; }

    /// <summary>Whether links are fetched from this machine and its network too; else from the internet alone.</summary>
    public bool LocalLinks { get; set; }
}
