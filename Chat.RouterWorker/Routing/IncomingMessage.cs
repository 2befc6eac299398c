using Chat.Core.Log;
using Chat.Core.Messages;

namespace Chat.RouterWorker.Routing;

/// <summary>An event of <c>messages</c> that could be read.</summary>
public sealed record IncomingMessage(LogEvent Event, Message Message)
{
    /// <summary>The trace that goes along with the message; the router's own span once it has one.</summary>
    public string? TraceParent { get; set; } = Event.TraceParent;
}
