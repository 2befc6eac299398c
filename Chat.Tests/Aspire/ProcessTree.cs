using System.Diagnostics;
using System.Globalization;

namespace Chat.Tests.Aspire;

/// <summary>Processes by their ids.</summary>
internal static class ProcessTree
{
    /// <summary>A process and whatever it started; the process alone where /proc can't be read.</summary>
    public static IReadOnlyList<int> Of(int id)
    {
        var children = All().ToLookup(ParentOf);
        var tree = new List<int> { id };
        for (var i = 0; i < tree.Count; i++) tree.AddRange(children[tree[i]]);
        return tree;
    }

    /// <summary>Processes with these words among their arguments; none where /proc can't be read.</summary>
    public static IReadOnlyList<int> WithArguments(string words) =>
        [.. All().Where(p => $" {Read(p, "cmdline")?.Replace('\0', ' ')} ".Contains($" {words} ", StringComparison.Ordinal))];

    public static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static IEnumerable<int> All() => !Directory.Exists("/proc") ? [] : Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
        .Where(id => id > 0);

    // "id (name) state parent …", and a name may have anything in it.
    private static int ParentOf(int id) =>
        Read(id, "stat") is { } stat ? int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture) : 0;

    private static string? Read(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (IOException)
        {
            // It has just ended.
            return null;
        }
    }
}
