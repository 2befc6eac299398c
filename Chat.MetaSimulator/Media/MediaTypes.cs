using Chat.MetaSimulator.Accounts;

namespace Chat.MetaSimulator.Media;

/// <summary>Which files go as which type of message.</summary>
internal static class MediaTypes
{
    private const string Document = "document";

    private static readonly string[] Documents =
    [
        "application/pdf", "text/plain", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ];

    private static readonly Dictionary<string, (string[] Mimes, long Most)> WhatsApp = new(StringComparer.Ordinal)
    {
        ["image"] = (["image/jpeg", "image/png"], 5L << 20),
        ["audio"] = (["audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg", "audio/opus"], 16L << 20),
        ["video"] = (["video/mp4", "video/3gpp"], 16L << 20),
        ["sticker"] = (["image/webp"], 500L << 10),
        // Anything goes as a document.
        [Document] = ([], 100L << 20),
    };

    private static readonly Dictionary<string, (string[] Mimes, long Most)> Instagram = new(StringComparer.Ordinal)
    {
        ["image"] = (["image/png", "image/jpeg", "image/gif"], 8L << 20),
        ["audio"] = (["audio/aac", "audio/m4a", "audio/x-m4a", "audio/wav", "audio/x-wav", "audio/mp4"], 25L << 20),
        ["video"] = (
            ["video/mp4", "video/ogg", "video/avi", "video/x-msvideo", "video/quicktime", "video/webm"], 25L << 20),
        ["file"] = (["application/pdf"], 25L << 20),
    };

    /// <summary>Of a file that goes as this type, in bytes.</summary>
    public static long MostOf(string channel, string type) => TableOf(channel)[type].Most;

    /// <summary>Whether messages of this type have a file.</summary>
    public static bool HasFile(string channel, string type) => TableOf(channel).ContainsKey(type);

    /// <summary>Why a file can't go as this type; null where it can.</summary>
    public static string? Wrong(string channel, string type, string mime, long bytes)
    {
        var (mimes, most) = TableOf(channel)[type];
        if (mimes.Length > 0 && !mimes.Contains(Bare(mime), StringComparer.OrdinalIgnoreCase))
            return $"A file of type '{mime}' can't go as {type}.";
        return bytes > most ? $"A file that goes as {type} has at most {most} bytes." : null;
    }

    /// <summary>Why a file can't be put at a WhatsApp number; null where it can.</summary>
    public static string? WrongUpload(string mime, long bytes)
    {
        var bare = Bare(mime);
        var types = WhatsApp.Values.SelectMany(t => t.Mimes).Concat(Documents).ToList();
        if (!types.Contains(bare, StringComparer.OrdinalIgnoreCase))
        {
            return $"Param file must be a file with one of the following types: {string.Join(", ", types)}. "
                + $"Received file of type '{mime}'.";
        }
        var type = WhatsApp.FirstOrDefault(t => t.Value.Mimes.Contains(bare, StringComparer.OrdinalIgnoreCase)).Key ?? Document;
        return bytes > WhatsApp[type].Most ? "Param file is too large for its type." : null;
    }

    private static Dictionary<string, (string[] Mimes, long Most)> TableOf(string channel) =>
        channel == ChannelNames.WhatsApp ? WhatsApp : Instagram;

    // Without what follows: codecs, a charset.
    private static string Bare(string mime) => mime.Split(';')[0].Trim();
}
