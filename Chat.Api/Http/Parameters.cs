using System.Globalization;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Ids;

namespace Chat.Api.Http;

/// <summary>Reads parameters of the path and the query, and notes what is wrong with each.</summary>
internal static class Parameters
{
    public static int Integer(string name, string? text, int least, int most, int missing, FieldErrors errors)
    {
        if (text is null) return missing;
        var whole = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        if (whole && value >= least && value <= most) return value;
        errors.Add(name, UserTexts.NotInRange(least, most));
        return missing;
    }

    public static Guid? Id(string name, string? text, FieldErrors errors)
    {
        if (text is null) return null;
        if (Uuid.ReadExact(text) is { } id) return id;
        errors.Add(name, UserTexts.NotAnId);
        return null;
    }
}
