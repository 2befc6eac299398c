namespace Chat.AppHost.Containers;

/// <summary>What this build was made with: the project file takes this folder, or FullFeed.</summary>
internal static class Feed
{
    /// <summary>Whether the packages that only the full feed has are in this build.</summary>
    public static bool IsFull => false;
}
