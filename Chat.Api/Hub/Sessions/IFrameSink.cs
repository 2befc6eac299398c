using Chat.Api.Hub.Protocol;

namespace Chat.Api.Hub.Sessions;

/// <summary>Where a session's frames go: a socket, or a simulated one.</summary>
public interface IFrameSink
{
    /// <summary>
    /// Sends a frame after all sent before; never blocks. A reader that is too slow is closed (<see cref="CloseCode.TooSlow"/>).
    /// </summary>
    void Send(OutgoingFrame frame);

    /// <summary>The same for several frames, at once where nothing waits before them.</summary>
    void Send(OutgoingBatch batch)
    {
        foreach (var frame in batch.Frames) Send(frame);
    }

    /// <summary>Sends what waits, then closes. Frames sent afterwards are dropped.</summary>
    void Close(CloseCode code, string reason);

    /// <summary>Waits until there is room for a replay's next frame beside live ones; at once for a reader that keeps up.</summary>
    ValueTask WaitForRoomAsync(CancellationToken cancellationToken);
}
