using System.Net.WebSockets;
using Chat.Client.Connections;
using Chat.Client.Protocol;

namespace Chat.LoadTest.InProcess;

/// <summary>
/// One client's socket without a client: it never reconnects and drops no frame, and hands over each one with its length in
/// bytes.
/// </summary>
internal sealed class MeasuredSocket(Uri api, string token) : IDisposable
{
    private readonly StatusSocket _socket = new();

    public Task ConnectAsync(CancellationToken cancellationToken) => _socket.OpenAsync(api, token, cancellationToken: cancellationToken);

    public void Subscribe(Guid conversation, long? since) => _socket.Send(ClientFrames.Subscribe(conversation, since));

    /// <summary>Reads until the server closes or <paramref name="take"/> answers false.</summary>
    /// <param name="bytesPerSecond">How fast it reads at most; 0 for as fast as it can.</param>
    /// <returns>Null where <paramref name="take"/> ended it; else what the server closed it with.</returns>
    public async Task<string?> ReadAsync(
        Func<ServerFrame, int, bool> take, CancellationToken cancellationToken, int bytesPerSecond = 0)
    {
        var started = TimeProvider.System.GetTimestamp();
        long read = 0;
        try
        {
            while (await _socket.ReadAsync(cancellationToken) is { } bytes)
            {
                if (!ServerFrame.TryRead(bytes.Span, out var frame)) throw new InvalidOperationException("This is no frame.");
                if (!take(frame, bytes.Length)) return null;
                read += bytes.Length;
                if (bytesPerSecond == 0) continue;
                var early = TimeSpan.FromSeconds((double)read / bytesPerSecond) - TimeProvider.System.GetElapsedTime(started);
                if (early > TimeSpan.FromMilliseconds(15)) await Task.Delay(early, cancellationToken);
            }
            return $"{_socket.CloseCode} {_socket.CloseReason}";
        }
        catch (WebSocketException exception)
        {
            return exception.Message;
        }
    }

    public void Dispose() => _socket.Dispose();
}
