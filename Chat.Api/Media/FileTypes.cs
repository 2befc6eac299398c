using Chat.Core.Text;

namespace Chat.Api.Media;

/// <summary>What files are given as: types that no browser runs anything in, and bytes for all others.</summary>
internal static class FileTypes
{
    private const string Bytes = "application/octet-stream";

    private const int MaxName = 120;

    private static readonly Dictionary<string, string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["image/jpeg"] = ".jpg",
        ["image/png"] = ".png",
        ["image/gif"] = ".gif",
        ["image/webp"] = ".webp",
        ["audio/aac"] = ".aac",
        ["audio/amr"] = ".amr",
        ["audio/mpeg"] = ".mp3",
        ["audio/mp4"] = ".m4a",
        ["audio/ogg"] = ".ogg",
        ["video/mp4"] = ".mp4",
        ["video/3gpp"] = ".3gp",
        ["application/pdf"] = ".pdf",
    };

    /// <summary>The type that a file is given as, by what the provider says.</summary>
    public static string Of(string? type) => type is not null && Extensions.ContainsKey(type) ? type.ToLowerInvariant() : Bytes;

    /// <summary>The name to save a file under: its sender's, without what would be a folder.</summary>
    public static string NameOf(string? name, Guid messageId, string type)
    {
        var plain = name is null ? "" : Printable.Line(name.Replace('/', '_').Replace('\\', '_'), MaxName).Trim(' ', '.');
        return plain.Length > 0 ? plain : $"{messageId:D}{Extensions.GetValueOrDefault(type, "")}";
    }
}
