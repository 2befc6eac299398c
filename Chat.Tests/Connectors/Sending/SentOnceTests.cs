using System.Net;
using System.Net.Sockets;
using System.Text;
using Chat.Connectors.Providers.Meta;
using Chat.Core.Providers;

namespace Chat.Tests.Connectors.Sending;

/// <summary>
/// A connection that was used before and ends in place of an answer: some HTTP clients take it for one that was idle for too long, and send
/// the request once more by themselves. Ours must not.
/// </summary>
public sealed class SentOnceTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _deadline =
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private int _requests;

    public SentOnceTests()
    {
        _deadline.CancelAfter(TimeSpan.FromSeconds(60));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _deadline.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_whose_connection_ends_without_an_answer_is_not_sent_again(bool reset)
    {
        var serving = ServeAsync(reset);
        var url = $"http://{_listener.LocalEndpoint}";
        await using var stub = await GraphStub.StartAsync(baseUrl: url);
        var client = stub.Create<GraphClient>();
        var options = new GraphOptions { BaseUrl = new(url), Version = "v25.0" };

        for (var round = 1; round <= 20; round++)
        {
            Assert.IsType<GraphReply.Success>(await client.PostAsync(options, "1/messages", "token", "{}"u8.ToArray(), _deadline.Token));
            Assert.IsType<GraphReply.NoAnswer>(await client.PostAsync(options, "1/messages", "token", "{}"u8.ToArray(), _deadline.Token));
            Assert.Equal(2 * round, Volatile.Read(ref _requests));
        }
        _listener.Stop();
        await serving;
    }

    /// <summary>Answers the first request of a connection, and takes the second.</summary>
    private async Task ServeAsync(bool reset)
    {
        try
        {
            while (true)
            {
                using var connection = await _listener.AcceptTcpClientAsync(_deadline.Token);
                await ReadRequestAsync(connection.GetStream());
                await connection.GetStream().WriteAsync(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray(), _deadline.Token);
                await ReadRequestAsync(connection.GetStream());
                if (reset) connection.Client.LingerState = new(true, 0);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test has ended.
        }
    }

    private async Task ReadRequestAsync(NetworkStream stream)
    {
        var buffer = new byte[4096];
        var text = "";
        while (!text.EndsWith("\r\n\r\n{}", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, _deadline.Token);
            if (read == 0) return;
            text += Encoding.ASCII.GetString(buffer, 0, read);
        }
        Interlocked.Increment(ref _requests);
    }
}
