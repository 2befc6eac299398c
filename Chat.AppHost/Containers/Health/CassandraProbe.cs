using System.Net.Sockets;

namespace Chat.AppHost.Containers.Health;

/// <summary>Asks a Cassandra node for its options, the one request of CQL's native protocol that needs no session.</summary>
internal sealed class CassandraProbe : ServerProbe
{
    private const int HeaderBytes = 9;
    private const int OpcodeAt = 4;
    private const byte Supported = 0x06;

    // Native protocol v4: version, flags, stream (2 bytes), opcode OPTIONS, length of the body (4 bytes).
    private static readonly byte[] Options = [0x04, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00];

    public override async Task<bool> ServesAsync(NetworkStream connection, CancellationToken cancellationToken)
    {
        await connection.WriteAsync(Options, cancellationToken);
        var header = new byte[HeaderBytes];
        await connection.ReadExactlyAsync(header, cancellationToken);
        return header[OpcodeAt] == Supported;
    }
}
