using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Chat.Core.Events;
using Chat.Core.Text;

namespace Chat.Connectors.Webhooks;

/// <summary>A message's content as it is put together, member by member; what is null is left out.</summary>
internal sealed class Content
{
    // Of a text that is cut, in UTF-8: a dozen of them fit into an event, however they are escaped.
    private const int MaxCutText = 2048;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<(string Name, object Value)> _members = [];

    /// <summary>What a kind that is not known here holds, as the provider wrote it.</summary>
    public static Content Raw(JsonElement value) => new Content().Add("bruto", value);

    public Content Copy()
    {
        var copy = new Content();
        copy._members.AddRange(_members);
        return copy;
    }

    /// <summary>A text that was added; null where there is none of this name.</summary>
    public string? TextOf(string name) => _members.FirstOrDefault(m => m.Name == name).Value as string;

    public Content Add(string name, string? text) => Put(name, text);

    /// <summary>As the provider wrote it; nothing where it wrote none, or something deeper than any event is.</summary>
    public Content Add(string name, JsonElement? value) =>
        Put(name, value is { ValueKind: not JsonValueKind.Undefined } given && DepthOf(given) <= EventLimits.MaxDepth
            ? new RawJson(given.GetRawText())
            : null);

    public Content Add(string name, Content? inner) => Put(name, inner);

    /// <summary>Said only where it is so.</summary>
    public Content Add(string name, bool flag) => Put(name, flag ? true : null);

    /// <summary>The JSON; without what the provider wrote where it would be too large for an event with that.</summary>
    public string Write()
    {
        var whole = Write(withRaw: true);
        return Encoding.UTF8.GetByteCount(whole) <= EventLimits.MaxContentBytes ? whole : Write(withRaw: false);
    }

    /// <summary>The JSON without what the provider wrote, which may be such as no event takes.</summary>
    public string WriteWithoutRaw() => Write(withRaw: false);

    /// <summary>The same with its texts cut: whatever they were, an event takes this.</summary>
    public string WriteShort() => Write(withRaw: false, MaxCutText);

    private Content Put(string name, object? value)
    {
        if (value is not null) _members.Add((name, value));
        return this;
    }

    private static int DepthOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => 1 + value.EnumerateObject().Select(m => DepthOf(m.Value)).DefaultIfEmpty().Max(),
        JsonValueKind.Array => 1 + value.EnumerateArray().Select(DepthOf).DefaultIfEmpty().Max(),
        _ => 0,
    };

    private string Write(bool withRaw, int longest = int.MaxValue)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Options)) Write(writer, withRaw, longest);
        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    private void Write(Utf8JsonWriter writer, bool withRaw, int longest)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in _members)
        {
            if (value is RawJson && !withRaw) continue;
            writer.WritePropertyName(name);
            switch (value)
            {
                case RawJson raw:
                    writer.WriteRawValue(raw.Json);
                    break;
                case Content inner:
                    inner.Write(writer, withRaw, longest);
                    break;
                case bool flag:
                    writer.WriteBooleanValue(flag);
                    break;
                default:
                    writer.WriteStringValue(Utf8Length.Truncate((string)value, longest));
                    break;
            }
        }
        writer.WriteEndObject();
    }

    private sealed record RawJson(string Json);
}
