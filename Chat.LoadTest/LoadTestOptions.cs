using System.CommandLine;
using Chat.CommandLine;

namespace Chat.LoadTest;

/// <summary>The options that several scenarios have.</summary>
internal static class LoadTestOptions
{
    public static Option<int> Rounds(string description) => CommandOptions.Count("--rounds", description, 5);

    public static Option<string?> Report() => OutputFile("--report", "Writes the report to this file too, in Markdown");

    public static Option<string?> Logs() => OutputFolder(
        "--logs",
        "Where the processes' output goes, in the place of what an earlier run wrote there; without it, to a temporary folder that is "
        + "deleted after success");

    /// <summary>A file that is written at the end. Whether it can be is known before, so that no run is for nothing.</summary>
    public static Option<string?> OutputFile(string name, string description) => Checked(
        CommandOptions.Text(name, "file", description),
        static file =>
        {
            // One that is not there yet is not there afterwards either.
            var keep = File.Exists(file) ? FileOptions.None : FileOptions.DeleteOnClose;
            new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 1, keep).Dispose();
        });

    /// <summary>A folder that files are written to, which is known before as well; made where it is not there.</summary>
    public static Option<string?> OutputFolder(string name, string description) => Checked(
        CommandOptions.Text(name, "folder", description),
        static folder =>
        {
            Directory.CreateDirectory(folder);
            new FileStream(
                Path.Combine(folder, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1,
                FileOptions.DeleteOnClose).Dispose();
        });

    private static Option<string?> Checked(Option<string?> option, Action<string> check)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is not [var path]) return;
            try
            {
                check(path.Value);
            }
            catch (Exception exception)
                when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                result.AddError($"{option.Name}: '{path.Value}' can't be written to: {exception.Message}");
            }
        });
        return option;
    }
}
