namespace Chat.Engines.Cassandra.Connection;

/// <summary>
/// A statement that is prepared once a session. Compared by reference: make one static instance of each.
/// </summary>
/// <param name="text">With <c>?</c> for the values; names no keyspace.</param>
internal sealed class Cql(string text)
{
    public string Text => text;

    /// <summary>False for a lightweight transaction: trying it twice may find its own first try in its way.</summary>
    public bool Idempotent { get; init; } = true;
}
