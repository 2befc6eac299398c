using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Faults;

/// <summary>What the run knows and no log may hold: each kind with the marks that tell it.</summary>
internal sealed record Secret(string Kind, IReadOnlyList<string> Marks);

/// <summary>What one process wrote, and in how many of its lines each of the secrets was found.</summary>
internal sealed record Written(string Process, long Bytes, long Lines, IReadOnlyList<long> Found);

/// <summary>Searches everything that the processes of a run wrote.</summary>
internal sealed class Leaks(IReadOnlyList<Secret> secrets, IReadOnlyList<Written> written)
{
    public bool None => written.All(w => w.Found.All(f => f == 0));

    /// <summary>Of a run: its token, also in parts, its keys, the texts and the recipients' numbers.</summary>
    public static IReadOnlyList<Secret> SecretsOf(RunIds ids, string token) =>
    [
        new("tokens", [.. token.Split('.')[1..]]),
        new("keys", [Services.JwtKey, Services.CallbacksKeyOf("")]),
        new("texts", [ids.TextMark]),
        new("phone numbers", [ids.NumberMark]),
    ];

    public static Leaks Search(string folder, IReadOnlyList<Secret> secrets)
    {
        var written = new List<Written>();
        foreach (var file in Directory.EnumerateFiles(folder, "*.log").Order(StringComparer.Ordinal))
        {
            var (lines, found) = (0L, new long[secrets.Count]);
            foreach (var line in File.ReadLines(file))
            {
                lines++;
                for (var i = 0; i < found.Length; i++)
                    if (secrets[i].Marks.Any(mark => line.Contains(mark, StringComparison.OrdinalIgnoreCase))) found[i]++;
            }
            written.Add(new(Path.GetFileNameWithoutExtension(file), new FileInfo(file).Length, lines, found));
        }
        return new(secrets, written);
    }

    public void WriteTo(Markdown text)
    {
        text.Line()
            .Line("What each process wrote, outside Development, and how many lines of it hold what no log may:")
            .Line()
            .Columns(["process", "lines", "bytes", .. secrets.Select(s => s.Kind)]);
        foreach (var one in written) text.Row([one.Process, $"{one.Lines:N0}", $"{one.Bytes:N0}", .. one.Found.Select(f => $"{f:N0}")]);
    }
}
