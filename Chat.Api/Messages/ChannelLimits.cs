using Chat.Core.Channels;
using Chat.Core.Messages;

namespace Chat.Api.Messages;

/// <summary>What a channel's provider takes, so that what it would refuse is told at the post.</summary>
/// <param name="Types">Of messages.</param>
/// <param name="MaxCaption">Of a file's text, in UTF-16 code units.</param>
/// <param name="FileTypes">Of each type of message that has a file: the media types; none for any.</param>
internal sealed record ChannelLimits(
    IReadOnlyList<string> Types, int MaxCaption, IReadOnlyDictionary<string, IReadOnlyList<string>> FileTypes)
{
    private static readonly ChannelLimits WhatsApp = new(
        [
            MessageTypes.Text,
            MessageTypes.Template,
            MessageTypes.Image,
            MessageTypes.Document,
            MessageTypes.Audio,
            MessageTypes.Video,
            MessageTypes.Interactive,
            MessageTypes.Reaction,
        ],
        1024,
        new Dictionary<string, IReadOnlyList<string>>
        {
            [MessageTypes.Image] = ["image/jpeg", "image/png"],
            [MessageTypes.Document] = [],
            // Of Ogg only Opus, which the name does not tell.
            [MessageTypes.Audio] = ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"],
            [MessageTypes.Video] = ["video/mp4", "video/3gpp"],
        });

    // A file's text is a message of its own there, in as many parts as it needs.
    private static readonly ChannelLimits Instagram = new(
        [
            MessageTypes.Text,
            MessageTypes.Image,
            MessageTypes.Document,
            MessageTypes.Audio,
            MessageTypes.Video,
            MessageTypes.Reaction,
        ],
        PostedMessage.MaxText,
        new Dictionary<string, IReadOnlyList<string>>
        {
            [MessageTypes.Image] = ["image/jpeg", "image/png", "image/gif"],
            [MessageTypes.Document] = ["application/pdf"],
            [MessageTypes.Audio] = ["audio/aac", "audio/x-m4a", "audio/m4a", "audio/mp4", "audio/wav", "audio/x-wav"],
            [MessageTypes.Video] = ["video/mp4", "video/ogg", "video/x-msvideo", "video/quicktime", "video/webm"],
        });

    /// <summary>All types that any channel takes.</summary>
    public static IReadOnlyList<string> AllTypes { get; } = WhatsApp.Types;

    public static ChannelLimits Of(Channel channel) => channel.Name == ChannelCatalog.Instagram ? Instagram : WhatsApp;

    /// <summary>Whether a file of a type has a text beside it.</summary>
    public bool HasCaption(string type) => type != MessageTypes.Audio || Types.Count < AllTypes.Count;
}
