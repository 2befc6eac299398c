namespace Chat.LoadTest.Pipeline.History;

/// <summary>One of the numbers of messages that were stored before the rates were measured.</summary>
/// <param name="Stored">All of them by then, but those that the run itself posted.</param>
/// <param name="Added">Of these the ones of this fill.</param>
/// <param name="Rest">How long it took Cassandra after that until it was at rest.</param>
internal sealed record Fill(long Stored, long Added, TimeSpan Writing, TimeSpan Rest)
{
    public double PerSecond => Added / Writing.TotalSeconds;
}
