using System.Globalization;
using System.Text.Json;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Time;

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

    /// <summary>Whether the object has the field, be it null.</summary>
    public bool Has(string field) => source.TryGetProperty(field, out _);

    /// <summary>A whole number; null where it is missing or null, or wrong, which is noted.</summary>
    public int? Integer(string field, int least, int most)
    {
        if (!TryGet(field, out var value)) return null;
        var isWhole = value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _);
        if (isWhole && value.GetInt32() is var number && number >= least && number <= most) return number;
        errors.Add(field, UserTexts.NotInRange(least, most));
        return null;
    }

    /// <summary>A time in ISO 8601, UTC where it names no offset; null where it is missing or null, or wrong, which is noted.</summary>
    public DateTimeOffset? Time(string field)
    {
        if (!TryGet(field, out var value)) return null;
        const DateTimeStyles styles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        // Of a text that System.Text.Json takes for one: in no country's way of writing.
        if (value.ValueKind == JsonValueKind.String
            && value.TryGetDateTimeOffset(out _)
            && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, styles, out var time))
        {
            return WireTime.TruncateToMilliseconds(time);
        }
        errors.Add(field, UserTexts.NotATime);
        return null;
    }

    /// <summary>A list of texts; null where it is missing or null, or wrong, which is noted.</summary>
    public IReadOnlyList<string>? Texts(string field)
    {
        if (!TryGet(field, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String))
            return [.. value.EnumerateArray().Select(v => v.GetString()!)];
        errors.Add(field, UserTexts.NotStrings);
        return null;
    }

    private bool TryGet(string field, out JsonElement value) =>
        source.TryGetProperty(field, out value) && value.ValueKind != JsonValueKind.Null;
}
