namespace Chat.LoadTest.Distributed;

internal static class Progress
{
    /// <param name="writer">Standard error where null.</param>
    public static void Say(string text, TextWriter? writer = null) =>
        (writer ?? Console.Error).WriteLine($"{DateTime.UtcNow:HH:mm:ss} {text}");
}
