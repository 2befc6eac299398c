namespace Chat.Engines.Kafka.Members;

/// <summary>What a partition needs of the member that it belongs to.</summary>
internal interface IPartitionOwner
{
    /// <summary>Keeps an offset to be committed soon.</summary>
    void StoreOffset(KafkaPartition partition, long nextOffset);

    /// <summary>Goes back to the last committed offset.</summary>
    Task RewindAsync(KafkaPartition partition);
}
