namespace Chat.Engines.Kafka.Members;

/// <summary>What the group's coordinator decides about this member's partitions, on the polling thread.</summary>
internal interface IRebalanceListener
{
    void OnAssigned(IReadOnlyList<int> partitions);

    /// <summary>They go to another member once this call returns.</summary>
    void OnRevoked(IReadOnlyList<int> partitions);

    /// <summary>Another member has them already.</summary>
    void OnLost(IReadOnlyList<int> partitions);
}
