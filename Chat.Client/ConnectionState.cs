namespace Chat.Client;

/// <summary>How the connection is.</summary>
public enum ConnectionState
{
    /// <summary>Not wanted: not yet, or no more.</summary>
    Closed,

    /// <summary>The first attempt is under way.</summary>
    Connecting,

    /// <summary>It stands.</summary>
    Open,

    /// <summary>It was lost, and the client waits for the next attempt, or is at it.</summary>
    Reconnecting,
}
