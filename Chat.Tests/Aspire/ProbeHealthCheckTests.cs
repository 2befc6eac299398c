using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Chat.AppHost.Containers.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.Tests.Aspire;

/// <summary>The health of a server in a container, before a listener that answers as one does.</summary>
public sealed class ProbeHealthCheckTests : IDisposable
{
    private static readonly byte[] OneBroker = [0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1];
    private static readonly byte[] NoBroker = [0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 0];
    private static readonly byte[] Supported = [0x84, 0, 0, 0, 0x06, 0, 0, 0, 0];
    private static readonly byte[] Error = [0x84, 0, 0, 0, 0x00, 0, 0, 0, 0];

    private readonly TcpListener _server = new(IPAddress.Loopback, 0);

    public ProbeHealthCheckTests() => _server.Start();

    public static TheoryData<string, byte[], HealthStatus> Answers => new()
    {
        { "kafka", OneBroker, HealthStatus.Healthy },
        { "kafka", NoBroker, HealthStatus.Degraded },
        { "kafka", [], HealthStatus.Degraded },
        { "cassandra", Supported, HealthStatus.Healthy },
        { "cassandra", Error, HealthStatus.Degraded },
        { "cassandra", Supported[..4], HealthStatus.Degraded },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_server_is_healthy_once_it_gives_the_right_answer_and_starting_before(
        string kind, byte[] answer, HealthStatus status)
    {
        var result = await AskAsync(Check(kind), answer);
        Assert.Equal(status, result.Status);
        Assert.Null(result.Exception);
    }

    [Theory]
    [InlineData("kafka")]
    [InlineData("cassandra")]
    public async Task A_server_that_answered_once_and_no_longer_does_is_unhealthy(string kind)
    {
        var check = Check(kind);
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(check, kind == "kafka" ? OneBroker : Supported)).Status);
        _server.Stop();
        var result = await ResultAsync(check);
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.NotNull(result.Exception);
    }

    public void Dispose() => _server.Dispose();

    private ProbeHealthCheck Check(string kind)
    {
        var resource = new ContainerResource(kind);
        var endpoint = new EndpointAnnotation(ProtocolType.Tcp, name: "tcp");
        endpoint.AllocatedEndpoint = new(endpoint, "127.0.0.1", ((IPEndPoint)_server.LocalEndpoint).Port);
        resource.Annotations.Add(endpoint);
        return new(new EndpointReference(resource, "tcp"), kind == "kafka" ? new KafkaProbe() : new CassandraProbe());
    }

    private async Task<HealthCheckResult> AskAsync(ProbeHealthCheck check, byte[] answer)
    {
        var asking = ResultAsync(check);
        using (var connection = await _server.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
        {
            Assert.True(await connection.GetStream().ReadAsync(new byte[64], TestContext.Current.CancellationToken) > 0);
            await connection.GetStream().WriteAsync(answer, TestContext.Current.CancellationToken);
        }
        return await asking;
    }

    private static Task<HealthCheckResult> ResultAsync(ProbeHealthCheck check) => check.CheckHealthAsync(
        new() { Registration = new("server", check, failureStatus: null, tags: null) }, TestContext.Current.CancellationToken);
}
