namespace Chat.LoadTest;

internal static class Report
{
    /// <summary>Runs with a temporary folder of its own, then prints the report and writes it to the file, where one is given.</summary>
    public static async Task<int> RunAsync(string? file, Func<string, Task<(string Text, bool Good)>> run)
    {
        var folder = Directory.CreateTempSubdirectory("chat-load-").FullName;
        try
        {
            var (text, good) = await run(folder);
            Console.WriteLine(text);
            if (file is not null) await File.WriteAllTextAsync(file, text);
            return good ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
