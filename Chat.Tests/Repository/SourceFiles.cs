namespace Chat.Tests.Repository;

/// <summary>A text file of the repository.</summary>
/// <param name="Path">From the root, with slashes.</param>
public sealed record SourceFile(string Path, IReadOnlyList<string> Lines)
{
    /// <summary>Where each line is that is found, as <c>Chat.Core/Ids/IdSource.cs:12: the line</c>.</summary>
    public IEnumerable<string> Find(Func<string, bool> isFound)
    {
        for (var i = 0; i < Lines.Count; i++)
        {
            if (isFound(Lines[i])) yield return $"{Path}:{i + 1}: {Lines[i].Trim()}";
        }
    }
}

/// <summary>The repository's own files, without git: what is built or generated is left out.</summary>
public static class SourceFiles
{
    private static readonly string[] LeftOut = [".git", ".vs", "artifacts", "bin", "obj", "node_modules", "TestResults"];

    /// <summary>Where the repository is.</summary>
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<SourceFile> WithExtension(params string[] extensions) =>
        [.. FilesIn(Root).Where(f => extensions.Contains(Path.GetExtension(f))).Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>Where a file of the repository is, by its path from the root.</summary>
    public static string PathOf(string path) => Path.Combine(Root, path);

    private static SourceFile Read(string file) =>
        new(Path.GetRelativePath(Root, file).Replace('\\', '/'), File.ReadAllLines(file));

    private static IEnumerable<string> FilesIn(string folder) => Directory.EnumerateFiles(folder).Concat(
        Directory.EnumerateDirectories(folder).Where(d => !LeftOut.Contains(Path.GetFileName(d))).SelectMany(FilesIn));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Chat.sln")))
        {
            folder = Path.GetDirectoryName(folder)
                ?? throw new InvalidOperationException($"Chat.sln is in no folder above {AppContext.BaseDirectory}.");
        }
        return folder;
    }
}
