namespace Chat.ServiceDefaults;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int Killed = 1100;
}
