namespace Chat.Api.Hub.Protocol;

/// <summary>
/// Why the server closes a socket. The code carries the verdict: 4000 to 4499, come back (with back-off); 4500 to 4999, don't.
/// </summary>
public enum CloseCode
{
    /// <summary>The instance stops: connect again, to another one or to the next one.</summary>
    GoingAway = 4000,

    /// <summary>The client read too slowly, or took too long for one message; it resumes where it was.</summary>
    TooSlow = 4008,

    /// <summary>The client sent too much.</summary>
    TooManyFrames = 4029,

    /// <summary>The token expired: come back with a fresh one.</summary>
    TokenExpired = 4401,

    /// <summary>The token was revoked: its holder is to stay away.</summary>
    TokenRevoked = 4501,

    /// <summary>A frame was larger than the server takes; it would be again.</summary>
    TooBig = 4509,
}
