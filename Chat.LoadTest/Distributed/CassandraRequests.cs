using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Chat.LoadTest.Distributed;

/// <summary>
/// The requests that Cassandra's open connections have sent to it, as it counts them itself: its table of clients, asked for over a
/// connection of our own, because the load test is built without the driver too.
/// </summary>
internal static class CassandraRequests
{
    private const int HeaderLength = 9;
    private const byte Version = 4;
    private const byte Startup = 1;
    private const byte Ready = 2;
    private const byte Query = 7;
    private const byte Result = 8;
    private const string Statement = "SELECT sum(request_count) FROM system_views.clients";

    private static ReadOnlySpan<byte> StartupBody => "\0\u0001\0\u000bCQL_VERSION\0\u00053.0.0"u8;

    /// <summary>The sum of all nodes; null where one does not tell: it wants a password, or has no such table.</summary>
    public static async Task<long?> CountAsync(IEnumerable<string> nodes, CancellationToken cancellationToken)
    {
        long sum = 0;
        foreach (var node in nodes)
        {
            if (await CountAsync(node, cancellationToken) is not { } count) return null;
            sum += count;
        }
        return sum;
    }

    private static async Task<long?> CountAsync(string node, CancellationToken cancellationToken)
    {
        var colon = node.LastIndexOf(':');
        using var client = new TcpClient();
        await client.ConnectAsync(node[..colon], int.Parse(node[(colon + 1)..]), cancellationToken);
        var stream = client.GetStream();
        if ((await AskAsync(stream, Startup, StartupBody.ToArray(), cancellationToken)).Opcode != Ready) return null;
        var (opcode, rows) = await AskAsync(stream, Query, QueryBody(), cancellationToken);
        return opcode == Result ? ReadOnlyNumber(rows) : null;
    }

    /// <summary>A body of one row with one bigint, which is its last 8 bytes.</summary>
    internal static long? ReadOnlyNumber(ReadOnlySpan<byte> rows) =>
        rows.Length >= 12 && BinaryPrimitives.ReadInt32BigEndian(rows[^12..]) == sizeof(long)
            ? BinaryPrimitives.ReadInt64BigEndian(rows[^sizeof(long)..])
            : null;

    /// <summary>The statement with its length in front, consistency ONE, no flags.</summary>
    private static byte[] QueryBody()
    {
        var body = new byte[sizeof(int) + Statement.Length + 3];
        BinaryPrimitives.WriteInt32BigEndian(body, Statement.Length);
        Encoding.ASCII.GetBytes(Statement, body.AsSpan(sizeof(int)));
        body[^2] = 1;
        return body;
    }

    private static async Task<(byte Opcode, byte[] Body)> AskAsync(
        NetworkStream stream, byte opcode, byte[] body, CancellationToken cancellationToken)
    {
        var request = new byte[HeaderLength + body.Length];
        (request[0], request[4]) = (Version, opcode);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(5), body.Length);
        body.CopyTo(request, HeaderLength);
        await stream.WriteAsync(request, cancellationToken);
        var header = new byte[HeaderLength];
        await stream.ReadExactlyAsync(header, cancellationToken);
        var answer = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5))];
        await stream.ReadExactlyAsync(answer, cancellationToken);
        return (header[4], answer);
    }
}
