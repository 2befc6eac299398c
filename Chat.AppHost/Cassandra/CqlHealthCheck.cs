using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.AppHost.Cassandra;

/// <summary>
/// Asks the node for its options, the one request of CQL's native protocol that needs no session. A connection alone says nothing:
/// the proxy before a container takes it long before the node is up.
/// </summary>
internal sealed class CqlHealthCheck(EndpointReference endpoint) : IHealthCheck
{
    private const int HeaderBytes = 9;
    private const int OpcodeAt = 4;
    private const byte Supported = 0x06;

    // Native protocol v4: version, flags, stream (2 bytes), opcode OPTIONS, length of the body (4 bytes).
    private static readonly byte[] OptionsRequest = [0x04, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00];

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var host = await endpoint.Property(EndpointProperty.Host).GetValueAsync(cancellationToken);
            var port = await endpoint.Property(EndpointProperty.Port).GetValueAsync(cancellationToken);
            using var client = new TcpClient();
            await client.ConnectAsync(host!, int.Parse(port!, CultureInfo.InvariantCulture), cancellationToken);
            return await AskAsync(client.GetStream(), cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The node doesn't answer.", exception);
        }

        async Task<HealthCheckResult> AskAsync(NetworkStream stream, CancellationToken ct)
        {
            await stream.WriteAsync(OptionsRequest, ct);
            var header = new byte[HeaderBytes];
            await stream.ReadExactlyAsync(header, ct);
            return header[OpcodeAt] == Supported
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, $"The node answered with opcode {header[OpcodeAt]}.");
        }
    }
}
