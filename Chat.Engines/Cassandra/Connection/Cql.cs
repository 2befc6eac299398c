namespace Chat.Engines.Cassandra.Connection;

/// <summary>
/// A statement that is prepared once a session. Compared by reference: make one static instance of each. It must bear to be carried out
/// twice: where a node fails or falls silent, the driver asks the next one, whether or not the first has done it.
/// </summary>
/// <param name="text">With <c>?</c> for the values; names no keyspace.</param>
internal sealed class Cql(string text)
{
    public string Text => text;
}
