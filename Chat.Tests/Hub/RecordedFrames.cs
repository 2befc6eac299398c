using System.Text.Json;
using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sessions;
using Chat.Tests.Described;

namespace Chat.Tests.Hub;

/// <summary>A socket that keeps the frames it is given, as JSON, and the code it was closed with.</summary>
internal sealed class RecordedFrames : IFrameSink
{
    private readonly Lock _gate = new();
    private readonly List<JsonElement> _frames = [];

    public IReadOnlyList<JsonElement> All
    {
        get
        {
            lock (_gate) return [.. _frames];
        }
    }

    public JsonElement Last => All[^1];

    public CloseCode? Closed { get; private set; }

    /// <summary>Called with each frame, on the thread that sends it.</summary>
    public Action<JsonElement>? Sent { get; set; }

    public IEnumerable<string?> Types => All.Select(f => f.GetProperty("type").GetString());

    public void Send(OutgoingFrame frame)
    {
        var json = JsonElement.Parse(frame.Payload);
        AsyncApiDescription.Current.CheckFromServer(json);
        lock (_gate) _frames.Add(json);
        Sent?.Invoke(json);
    }

    public void Close(CloseCode code, string reason)
    {
        AsyncApiDescription.Current.CheckClose((int)code);
        Closed ??= code;
    }

    /// <summary>What who catches up waits for, whatever is cancelled meanwhile.</summary>
    public Task Room { get; set; } = Task.CompletedTask;

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => new(Room);

    /// <summary>That the last frame is an error of this code; answers its text.</summary>
    public string LastError(string code, bool retryable = false)
    {
        Assert.Equal("error", Last.GetProperty("type").GetString());
        Assert.Equal(code, Last.GetProperty("code").GetString());
        Assert.Equal(retryable, Last.GetProperty("retryable").GetBoolean());
        return Last.GetProperty("message").GetString()!;
    }
}
