using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Chat.LoadTest.Distributed;

/// <summary>
/// A statement for the node itself, over a connection of our own, because the load test is built without the driver too: one that answers
/// with one row with one bigint, out of its own tables, or with nothing.
/// </summary>
internal sealed class CassandraQuery(string statement)
{
    private const int HeaderLength = 9;
    private const byte Version = 4;
    private const byte Startup = 1;
    private const byte Ready = 2;
    private const byte Query = 7;
    private const byte Result = 8;

    private static ReadOnlySpan<byte> StartupBody => "\0\u0001\0\u000bCQL_VERSION\0\u00053.0.0"u8;

    /// <summary>The sum of all nodes; null where one does not tell: it wants a password, or has no such table.</summary>
    /// <param name="nodes">As <see cref="ServerOptions.CassandraNodes"/>.</param>
    public async Task<long?> SumAsync(IEnumerable<string> nodes, CancellationToken cancellationToken)
    {
        long sum = 0;
        foreach (var node in nodes)
        {
            if (await AskAsync(node, cancellationToken) is not { } number) return null;
            sum += number;
        }
        return sum;
    }

    /// <summary>Has one node carry it out.</summary>
    /// <exception cref="InvalidOperationException">It did not.</exception>
    public async Task RunAsync(string node, CancellationToken cancellationToken)
    {
        if (await SendAsync(node, cancellationToken) is null) throw new InvalidOperationException($"Cassandra refused: {statement}");
    }

    /// <summary>A body of one row with one bigint, which is its last 8 bytes.</summary>
    internal static long? ReadOnlyNumber(ReadOnlySpan<byte> rows) =>
        rows.Length >= 12 && BinaryPrimitives.ReadInt32BigEndian(rows[^12..]) == sizeof(long)
            ? BinaryPrimitives.ReadInt64BigEndian(rows[^sizeof(long)..])
            : null;

    private async Task<long?> AskAsync(string node, CancellationToken cancellationToken) =>
        await SendAsync(node, cancellationToken) is { } rows ? ReadOnlyNumber(rows) : null;

    /// <summary>The answer's body; null where it is an error.</summary>
    private async Task<byte[]?> SendAsync(string node, CancellationToken cancellationToken)
    {
        var colon = node.LastIndexOf(':');
        using var client = new TcpClient();
        await client.ConnectAsync(node[..colon], int.Parse(node[(colon + 1)..]), cancellationToken);
        var stream = client.GetStream();
        if ((await AskAsync(stream, Startup, StartupBody.ToArray(), cancellationToken)).Opcode != Ready) return null;
        var (opcode, answer) = await AskAsync(stream, Query, QueryBody(), cancellationToken);
        return opcode == Result ? answer : null;
    }

    /// <summary>The statement with its length in front, consistency ONE, no flags.</summary>
    private byte[] QueryBody()
    {
        var body = new byte[sizeof(int) + statement.Length + 3];
        BinaryPrimitives.WriteInt32BigEndian(body, statement.Length);
        Encoding.ASCII.GetBytes(statement, body.AsSpan(sizeof(int)));
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
