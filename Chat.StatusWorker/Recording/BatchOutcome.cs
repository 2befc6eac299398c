namespace Chat.StatusWorker.Recording;

/// <summary>What became of a batch of <c>msg.status</c>.</summary>
public enum BatchOutcome
{
    /// <summary>All is recorded, published, parked or a dead letter.</summary>
    Done,

    /// <summary>
    /// The same, but for events that went back into the log: to the partition where they belong, or to be told once more.
    /// </summary>
    PutBack,

    /// <summary>Nothing is done: the topic is no longer what it was, and the events are to be processed by what it is now.</summary>
    TopicChanged,
}
