namespace Chat.MetaSimulator.Hosting;

/// <summary>Settings of the simulator.</summary>
public sealed class SimulatorOptions
{
    public const string Section = "Simulator";

    /// <summary>What everything drawn comes from; null for another one at each start, so that no message id comes twice.</summary>
    public int? Seed { get; set; }
}
