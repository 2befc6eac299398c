using System.CommandLine;
using Chat.CommandLine;

namespace Chat.LoadTest;

/// <summary>The options that several scenarios have.</summary>
internal static class LoadTestOptions
{
    public static Option<int> Rounds(string description) => CommandOptions.Count("--rounds", description, 5);

    public static Option<string?> Report() => CommandOptions.Text("--report", "file", "Writes the report to this file too, in Markdown");

    public static Option<string?> Logs() => CommandOptions.Text(
        "--logs", "folder", "Where the processes' output goes; without it, to a temporary folder that is deleted after success");
}
