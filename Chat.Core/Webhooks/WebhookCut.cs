using System.Text;
using System.Text.Json;
using Chat.Core.Json;

namespace Chat.Core.Webhooks;

/// <summary>
/// Cuts what a provider posted into webhooks that the log takes, where it is larger than that: between elements of its arrays, whose text
/// stays as it was, but for halves of surrogate pairs, which no reader can decode. What surrounds them is repeated, as far as it is small.
/// What can't be read is cut anywhere: nobody can read it in one piece either. So is what no log takes in one piece, and what would come
/// to many times the body: a signature says who posted it, not that it is a provider's.
/// </summary>
public static class WebhookCut
{
    private const int MaxDepth = 256;

    // What surrounds elements is repeated up to this, however small the parts are to be.
    private const int SmallShell = 16 * 1024;

    // All parts together, in bodies. A provider's come to less than two.
    private const int MostBodies = 4;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth };

    // What is cut at each level of a webhook; below the last all arrays are, but for those who the messages are of.
    private static readonly string[][] Levels = [["entry"], ["changes", "messaging", "standby"]];

    private const string Contacts = "contacts";
    private const string Value = "value";

    /// <param name="most">Bytes of a part; one element that has more makes a larger one, as far as a log takes it.</param>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Cut(ReadOnlyMemory<byte> body, int most)
    {
        if (body.Length <= most) return [body];
        // A name that can't be decoded can't be written again. Who reads the parts replaces the same.
        if (SurrogateEscapes.HasHalf(body.Span)) body = SurrogateEscapes.ReplaceHalves(body.Span);
        using var document = JsonGate.Parse(body, RawWebhook.MaxBytes, Options, out _);
        return document?.RootElement.ValueKind == JsonValueKind.Object
            ? Collect(body, CutObject(document.RootElement, level: 0, most), most)
            : Slice(body, most);
    }

    private static List<ReadOnlyMemory<byte>> Collect(ReadOnlyMemory<byte> body, IEnumerable<string> texts, int most)
    {
        var parts = new List<ReadOnlyMemory<byte>>();
        var left = MostBodies * (long)Math.Max(body.Length, RawWebhook.MaxEventBytes);
        foreach (var text in texts)
        {
            ReadOnlyMemory<byte> part = Encoding.UTF8.GetBytes(text);
            left -= part.Length;
            if (left < 0) return Slice(body, most);
            if (part.Length <= RawWebhook.MaxPartBytes) parts.Add(part);
            else parts.AddRange(Slice(part, most));
        }
        // Where all arrays are empty.
        return parts.Count > 0 ? parts : Slice(body, most);
    }

    private static List<ReadOnlyMemory<byte>> Slice(ReadOnlyMemory<byte> body, int most)
    {
        var slices = new List<ReadOnlyMemory<byte>>();
        for (var at = 0; at < body.Length; at += most) slices.Add(body.Slice(at, Math.Min(most, body.Length - at)));
        return slices;
    }

    private static IEnumerable<string> CutObject(JsonElement whole, int level, int most)
    {
        var text = whole.GetRawText();
        if (Encoding.UTF8.GetByteCount(text) <= most || whole.ValueKind != JsonValueKind.Object) return [text];
        var around = new List<string>();
        var cut = new List<(string Name, JsonElement Value)>();
        foreach (var member in whole.EnumerateObject())
        {
            if (IsCut(member, level)) cut.Add((member.Name, member.Value));
            else around.Add($"{Name(member.Name)}:{member.Value.GetRawText()}");
        }
        if (cut.Count == 0) return [text];
        var shell = ShellOf(around, most);
        var left = most - Encoding.UTF8.GetByteCount(shell);
        return cut.SelectMany(c => c.Value.ValueKind == JsonValueKind.Array
            ? CutArray(shell, c.Name, c.Value, level, left)
            : CutObject(c.Value, level + 1, left).Select(part => $"{{{shell}{Name(c.Name)}:{part}}}"));
    }

    /// <summary>
    /// What is repeated around each part, in its order. Half of a part at most: beyond that the largest members are left out, as what says
    /// whose an update is, and when it was, is small.
    /// </summary>
    private static string ShellOf(List<string> members, int most)
    {
        var room = Math.Max(most / 2, SmallShell);
        var kept = members
            .Select((text, place) => (Text: text, Place: place, Bytes: Encoding.UTF8.GetByteCount(text) + 1))
            .OrderBy(m => m.Bytes)
            .TakeWhile(m => (room -= m.Bytes) >= 0)
            .OrderBy(m => m.Place);
        return string.Concat(kept.Select(m => m.Text + ","));
    }

    private static IEnumerable<string> CutArray(string shell, string name, JsonElement array, int level, int most)
    {
        var some = new List<string>();
        var bytes = 0;
        foreach (var part in array.EnumerateArray().SelectMany(element => CutObject(element, level + 1, most)))
        {
            var next = Encoding.UTF8.GetByteCount(part) + 1;
            if (some.Count > 0 && bytes + next > most)
            {
                yield return Write();
                some.Clear();
                bytes = 0;
            }
            some.Add(part);
            bytes += next;
        }
        if (some.Count > 0) yield return Write();

        string Write() => $"{{{shell}{Name(name)}:[{string.Join(',', some)}]}}";
    }

    private static bool IsCut(JsonProperty member, int level) =>
        level < Levels.Length ? Levels[level].Contains(member.Name) && member.Value.ValueKind == JsonValueKind.Array
        : level == Levels.Length ? member.Name == Value && member.Value.ValueKind == JsonValueKind.Object
        : level == Levels.Length + 1 && member.Name != Contacts && member.Value.ValueKind == JsonValueKind.Array;

    private static string Name(string name) => $"\"{JsonEncodedText.Encode(name)}\"";
}
