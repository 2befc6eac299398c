namespace Chat.Core;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int TryFailed = 1000;
}
