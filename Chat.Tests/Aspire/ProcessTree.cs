using System.Diagnostics;
using System.Globalization;

namespace Chat.Tests.Aspire;

/// <summary>Processes by their ids.</summary>
internal static class ProcessTree
{
    /// <summary>A process and whatever it started; the process alone where /proc can't be read.</summary>
    public static IReadOnlyList<int> Of(int id)
    {
        var parents = Directory.Exists("/proc")
            ? Directory.EnumerateDirectories("/proc")
                .Select(ParentOf)
                .Where(p => p is not null)
                .Select(p => p!.Value)
                .ToLookup(p => p.Parent, p => p.Id)
            : Array.Empty<(int Id, int Parent)>().ToLookup(p => p.Parent, p => p.Id);
        var tree = new List<int> { id };
        for (var i = 0; i < tree.Count; i++) tree.AddRange(parents[tree[i]]);
        return tree;
    }

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

    private static (int Id, int Parent)? ParentOf(string folder)
    {
        if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id)) return null;
        try
        {
            // "id (name) state parent …", and a name may have anything in it.
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            return (id, int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            // It has just ended.
            return null;
        }
    }
}
