namespace Chat.LoadTest.PipelineFloor;

/// <summary>The rows that the services' tables have of a message, written and never read. Each call ends once all are written.</summary>
internal interface IFloorRows : IDisposable
{
    /// <summary>The message, where it is by its id, and its place in the order of its conversation.</summary>
    Task AddMessagesAsync(IReadOnlyList<FloorEvent> messages);

    Task AddHandOversAsync(IReadOnlyList<FloorEvent> messages);

    /// <summary>
    /// Of each status its fact, its row of the timeline and that of the changes; of each conversation the head and the hour's number.
    /// </summary>
    Task AddStatusesAsync(IReadOnlyList<FloorEvent> statuses);
}
