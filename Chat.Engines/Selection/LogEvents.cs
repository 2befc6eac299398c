namespace Chat.Engines.Selection;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int NotEncrypted = 6400;
    public const int NotAuthenticated = 6401;
}
