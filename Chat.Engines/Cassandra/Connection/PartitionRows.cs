using Cassandra;

namespace Chat.Engines.Cassandra.Connection;

/// <summary>Rows of one partition key, written together: the server applies them as a whole on each replica.</summary>
/// <param name="Bytes">About how much they are, of what may be large; for <see cref="RequestPacker"/>.</param>
internal sealed record PartitionRows(IReadOnlyList<BoundStatement> Rows, int Bytes);
