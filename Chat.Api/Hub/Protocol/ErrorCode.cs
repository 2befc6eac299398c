namespace Chat.Api.Hub.Protocol;

/// <summary>The member <c>code</c> of an <c>error</c> frame, for programs; <c>message</c> is for people.</summary>
public static class ErrorCode
{
    /// <summary>Not JSON, not text, or no frame of the protocol.</summary>
    public const string InvalidMessage = "invalid_message";

    /// <summary>A member is missing or can't be used; <c>message</c> names it.</summary>
    public const string InvalidField = "invalid_field";

    /// <summary>The conversation is not for this user.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>No more subscriptions on this socket.</summary>
    public const string TooManySubscriptions = "too_many_subscriptions";

    /// <summary>A fresh token is not valid, or is another user's.</summary>
    public const string InvalidToken = "invalid_token";

    /// <summary>What the frame asked for could not be done now; the same frame may be sent again.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>Followed by a close.</summary>
    public const string TooBig = "too_big";

    /// <summary>Followed by a close.</summary>
    public const string TooManyFrames = "too_many_frames";
}
