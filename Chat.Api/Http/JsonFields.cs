using System.Text.Json;
using Chat.Api.Problems;
using Chat.Api.Texts;

namespace Chat.Api.Http;

/// <summary>Reads fields of a JSON object that came through <see cref="JsonBody"/>, and notes what is wrong with each.</summary>
internal readonly ref struct JsonFields(JsonElement source, FieldErrors errors)
{
    /// <summary>A text; null where it is missing or null, or wrong, which is noted.</summary>
    public string? Text(string field)
    {
        if (!TryGet(field, out var value)) return null;
        if (value.ValueKind != JsonValueKind.String)
        {
            errors.Add(field, UserTexts.NotAString);
            return null;
        }
        return value.GetString();
    }

    /// <summary>An id; null where it is missing (noted if <paramref name="required"/>) or wrong (always noted).</summary>
    public Guid? Id(string field, bool required)
    {
        if (!TryGet(field, out var value))
        {
            if (required) errors.Add(field, UserTexts.MissingId);
            return null;
        }
        if (value.ValueKind == JsonValueKind.String && value.TryGetGuid(out var id) && id != Guid.Empty) return id;
        errors.Add(field, UserTexts.NotAnId);
        return null;
    }

    private bool TryGet(string field, out JsonElement value) =>
        source.TryGetProperty(field, out value) && value.ValueKind != JsonValueKind.Null;
}
