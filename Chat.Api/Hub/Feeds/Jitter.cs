namespace Chat.Api.Hub.Feeds;

internal static class Jitter
{
    /// <summary>Between three and five quarters of a pause, so that what began together does not go on together.</summary>
    public static TimeSpan Around(this Random random, TimeSpan pause) => pause * (0.75 + (random.NextDouble() / 2));
}
