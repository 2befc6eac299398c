using System.Text.Json.Nodes;
using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.People;

namespace Chat.MetaSimulator.Instagram;

/// <summary>The elements of <c>messaging[]</c>.</summary>
internal static class InstagramUpdates
{
    /// <summary>What is simulated of what an app can subscribe to.</summary>
    public static readonly string[] Fields = ["messages", "messaging_seen", "message_reactions", "messaging_postbacks", "message_edit"];

    /// <summary>What an app can subscribe to. Of what is not simulated nothing comes but updates of the caller's own making.</summary>
    public static readonly string[] KnownFields =
    [
        .. Fields, "messaging_referral", "messaging_optins", "messaging_handover", "standby", "comments", "live_comments", "mentions",
        "story_insights",
    ];

    /// <summary>The field that an element is of.</summary>
    public static string FieldOf(JsonObject item) =>
        item.ContainsKey("read") ? "messaging_seen"
        : item.ContainsKey("reaction") ? "message_reactions"
        : item.ContainsKey("message_edit") ? "message_edit"
        : "messages";

    /// <summary>The element that carries a member, from the person.</summary>
    public static JsonObject FromPerson(MetaAccount account, Person person, DateTimeOffset at, string name, JsonObject member) => new()
    {
        ["sender"] = new JsonObject { ["id"] = person.InstagramId },
        ["recipient"] = new JsonObject { ["id"] = account.Id },
        ["timestamp"] = at.ToUnixTimeMilliseconds(),
        [name] = member,
    };

    /// <summary>What the business sent, by whatever means.</summary>
    public static JsonObject Echo(MetaAccount account, Person person, PhoneMessage message)
    {
        var echo = new JsonObject { ["mid"] = message.Id };
        AddContent(echo, message);
        if (message.ReplyTo is { } reply) echo["reply_to"] = new JsonObject { ["mid"] = reply };
        echo["is_echo"] = true;
        return new()
        {
            ["sender"] = new JsonObject { ["id"] = account.Id },
            ["recipient"] = new JsonObject { ["id"] = person.InstagramId },
            ["timestamp"] = message.At.ToUnixTimeMilliseconds(),
            ["message"] = echo,
        };
    }

    /// <summary>Text or attachment, as a message and an echo have it.</summary>
    public static void AddContent(JsonObject owner, PhoneMessage message)
    {
        var content = message.Content;
        if (content is { MediaUrl: null, MediaId: null })
        {
            owner["text"] = content.Text ?? "";
            return;
        }
        var url = content.MediaUrl ?? $"https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id={content.MediaId}";
        var payload = new JsonObject { ["url"] = url };
        owner["attachments"] = new JsonArray(new JsonObject { ["type"] = content.Type, ["payload"] = payload });
    }
}
