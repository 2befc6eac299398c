using System.Buffers.Binary;
using System.Net.Sockets;

namespace Chat.AppHost.Containers.Health;

/// <summary>Asks a Kafka broker for the cluster's metadata, which lists a broker once it takes part.</summary>
internal sealed class KafkaProbe : ServerProbe
{
    private const int CorrelationId = 1;

    // Size of the rest; then METADATA (3), version 1, correlation id, no client id (-1), no topics (0).
    private static readonly byte[] Metadata =
        [0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, CorrelationId, 0xFF, 0xFF, 0, 0, 0, 0];

    public override async Task<bool> ServesAsync(NetworkStream connection, CancellationToken cancellationToken)
    {
        await connection.WriteAsync(Metadata, cancellationToken);
        // Size of the rest, correlation id, number of brokers.
        var answer = new byte[12];
        await connection.ReadExactlyAsync(answer, cancellationToken);
        return BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(4)) == CorrelationId
            && BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(8)) > 0;
    }
}
