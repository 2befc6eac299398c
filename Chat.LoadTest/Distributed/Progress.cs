namespace Chat.LoadTest.Distributed;

internal static class Progress
{
    public static void Say(string text) => Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {text}");
}
