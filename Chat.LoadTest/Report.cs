namespace Chat.LoadTest;

internal static class Report
{
    /// <summary>Runs with a temporary folder of its own, then prints the report and writes it to the file, where one is given.</summary>
    /// <param name="cancellationToken">Ends the run.</param>
    public static async Task<int> RunAsync(
        string? file, Func<string, CancellationToken, Task<(string Text, bool Good)>> run, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("chat-load-").FullName;
        try
        {
            var (text, good) = await run(folder, cancellationToken);
            await WriteAsync(text, file);
            return good ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Prints it first: what was measured is not lost with a file that can't be written.</summary>
    public static async Task WriteAsync(string text, string? file)
    {
        Console.WriteLine(text);
        if (file is not null) await File.WriteAllTextAsync(file, text);
    }
}
