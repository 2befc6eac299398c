namespace Chat.LoadTest.PipelineFloor;

/// <summary>In place of the rows, in a build without Cassandra's driver.</summary>
internal static class FloorRows
{
    public static Task<IFloorRows> ConnectAsync(string connection) => Task.FromException<IFloorRows>(new NotSupportedException(
        $"This build has no driver for {connection.Split(';')[0]}: build it with -p:FullFeed=true."));

    /// <summary>Whether the driver threw it.</summary>
    public static bool IsFailure(Exception exception) => false;
}
