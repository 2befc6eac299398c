using System.Globalization;
using System.Text.Json.Nodes;
using Chat.MetaSimulator.Media;
using Chat.MetaSimulator.People;

namespace Chat.MetaSimulator.WhatsApp;

/// <summary>The parts of WhatsApp's webhooks.</summary>
internal static class WhatsAppUpdates
{
    /// <summary>An element of <c>statuses[]</c>.</summary>
    public static JsonObject Status(Person person, Tick tick)
    {
        var status = new JsonObject
        {
            ["id"] = tick.Message.Id,
            ["status"] = tick.Kind.ToString().ToLowerInvariant(),
            ["timestamp"] = Seconds(tick.At),
        };
        if (HasNumber(person)) status["recipient_id"] = person.WaId;
        if (person.UserId is { } user) status["recipient_user_id"] = user;
        if (tick.Message.OpaqueData is { } opaque) status["biz_opaque_callback_data"] = opaque;
        if (tick.Error is { } error) status["errors"] = new JsonArray(error.ToUpdate());
        else status["pricing"] = Pricing(tick.Message);
        return status;
    }

    /// <summary>An element of <c>messages[]</c>: its common members.</summary>
    public static JsonObject Message(Person person, string id, DateTimeOffset at, string type)
    {
        var message = new JsonObject();
        if (HasNumber(person)) message["from"] = person.WaId;
        if (person.UserId is { } user) message["from_user_id"] = user;
        message["id"] = id;
        message["timestamp"] = Seconds(at);
        message["type"] = type;
        return message;
    }

    /// <summary>An element of <c>contacts[]</c>.</summary>
    public static JsonObject Contact(Person person)
    {
        var contact = new JsonObject { ["profile"] = new JsonObject { ["name"] = person.Name } };
        if (HasNumber(person)) contact["wa_id"] = person.WaId;
        if (person.UserId is { } user) contact["user_id"] = user;
        return contact;
    }

    /// <summary>The member of a message that carries a file.</summary>
    public static JsonObject Media(MediaFile file, string? caption, string type)
    {
        var media = new JsonObject { ["mime_type"] = file.MimeType, ["sha256"] = file.Sha256Base64, ["id"] = file.Id };
        if (caption is not null) media["caption"] = caption;
        if (type == "document" && file.FileName is { } name) media["filename"] = name;
        if (type == "audio") media["voice"] = true;
        return media;
    }

    public static string Seconds(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether webhooks name the person's number.</summary>
    public static bool HasNumber(Person person) => person is { WaId: not null, HidesNumber: false };

    private static JsonObject Pricing(PhoneMessage message) => new()
    {
        ["billable"] = true,
        ["pricing_model"] = "PMP",
        ["type"] = "regular",
        ["category"] = message.Content.Type == "template" ? "utility" : "service",
    };
}
