using System.Globalization;
using System.Text.Json.Nodes;
using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Instagram;
using Chat.MetaSimulator.Media;
using Chat.MetaSimulator.People;
using Chat.MetaSimulator.WhatsApp;

namespace Chat.MetaSimulator.World;

/// <summary>What people do with their phones.</summary>
public sealed partial class MetaWorld
{
    public void SwitchOn(Person person, DateTimeOffset now)
    {
        foreach (var ticks in person.SwitchOn(now).GroupBy(t => t.Thread)) TellTicks(person, [.. ticks]);
        Version++;
    }

    public void SwitchOff(Person person)
    {
        person.SwitchOff();
        Version++;
    }

    public void Open(Person person, ChatThread thread, DateTimeOffset now)
    {
        TellTicks(person, person.Open(thread, now));
        Version++;
    }

    public void Close(Person person)
    {
        person.Close();
        Version++;
    }

    public void Block(ChatThread thread, bool isBlocked)
    {
        thread.IsBlocked = isBlocked;
        Version++;
    }

    /// <summary>A change of something that only shows.</summary>
    public void Touch() => Version++;

    /// <summary>The person writes; null where the phone is off, or the chat is blocked.</summary>
    public PhoneMessage? Write(
        Person person, ChatThread thread, PhoneContent content, MediaFile? file, string? replyTo, DateTimeOffset now)
    {
        if (!person.IsOn || thread.IsBlocked) return null;
        var account = thread.Account;
        var id = account.Channel == ChannelNames.WhatsApp ? WaMessageId(account.Digits) : InstagramMessageId();
        var message = new PhoneMessage(id, isFromPerson: true, content, now) { ReplyTo = replyTo, DeliveredAt = now };
        thread.Messages.Add(message);
        thread.LastWroteAt = now;
        Add(thread, person, message);
        if (account.Channel == ChannelNames.WhatsApp) TellWhatsApp(person, thread, WhatsAppMessage(person, thread, message, file), now);
        else TellInstagram(person, thread, "message", InstagramMessage(message), now);
        return message;
    }

    /// <summary>The person taps a button of the business's message.</summary>
    public PhoneMessage? Tap(Person person, ChatThread thread, PhoneMessage target, PhoneButton button, DateTimeOffset now)
    {
        if (!person.IsOn || thread.IsBlocked) return null;
        var account = thread.Account;
        var isWhatsApp = account.Channel == ChannelNames.WhatsApp;
        var message = new PhoneMessage(
            isWhatsApp ? WaMessageId(account.Digits) : InstagramMessageId(), true, new("button", button.Title), now)
        {
            ReplyTo = target.Id,
            DeliveredAt = now,
        };
        thread.Messages.Add(message);
        thread.LastWroteAt = now;
        Add(thread, person, message);
        if (isWhatsApp)
        {
            var item = WhatsAppUpdates.Message(person, message.Id, now, "interactive");
            item["context"] = new JsonObject { ["from"] = account.Digits, ["id"] = target.Id };
            var kind = button.IsRow ? "list_reply" : "button_reply";
            var reply = new JsonObject { ["id"] = button.Id, ["title"] = button.Title };
            if (button.Description is { } description) reply["description"] = description;
            item["interactive"] = new JsonObject { ["type"] = kind, [kind] = reply };
            TellWhatsApp(person, thread, item, now);
        }
        else
        {
            var item = InstagramMessage(message);
            item["quick_reply"] = new JsonObject { ["payload"] = button.Id };
            TellInstagram(person, thread, "message", item, now);
        }
        return message;
    }

    /// <summary>The person puts an emoji on a message; null takes it back.</summary>
    public void React(Person person, ChatThread thread, PhoneMessage target, string? emoji, DateTimeOffset now)
    {
        target.PersonReaction = emoji;
        Version++;
        if (thread.Account.Channel == ChannelNames.WhatsApp)
        {
            var item = WhatsAppUpdates.Message(person, WaMessageId(thread.Account.Digits), now, "reaction");
            var reaction = new JsonObject { ["message_id"] = target.Id };
            if (emoji is not null) reaction["emoji"] = emoji;
            item["reaction"] = reaction;
            TellWhatsApp(person, thread, item, now);
            return;
        }
        var told = new JsonObject { ["mid"] = target.Id, ["action"] = emoji is null ? "unreact" : "react" };
        if (emoji is not null)
        {
            told["reaction"] = emoji is "❤" ? "love" : "other";
            told["emoji"] = emoji;
        }
        TellInstagram(person, thread, "reaction", told, now);
    }

    /// <summary>The person changes the text of an own message.</summary>
    public void Edit(Person person, ChatThread thread, PhoneMessage target, string text, DateTimeOffset now)
    {
        target.Content = target.Content with { Text = text };
        target.Edits++;
        Version++;
        if (thread.Account.Channel == ChannelNames.WhatsApp)
        {
            var item = WhatsAppUpdates.Message(person, WaMessageId(thread.Account.Digits), now, "edit");
            item["edit"] = new JsonObject
            {
                ["original_message_id"] = target.Id,
                ["message"] = new JsonObject { ["type"] = "text", ["text"] = new JsonObject { ["body"] = text } },
            };
            TellWhatsApp(person, thread, item, now);
            return;
        }
        var edit = new JsonObject { ["mid"] = target.Id, ["text"] = text, ["num_edit"] = target.Edits };
        TellInstagram(person, thread, "message_edit", edit, now);
    }

    /// <summary>The person takes an own message back.</summary>
    public void Delete(Person person, ChatThread thread, PhoneMessage target, DateTimeOffset now)
    {
        target.IsDeleted = true;
        Version++;
        if (thread.Account.Channel == ChannelNames.WhatsApp)
        {
            var item = WhatsAppUpdates.Message(person, WaMessageId(thread.Account.Digits), now, "revoke");
            item["revoke"] = new JsonObject { ["original_message_id"] = target.Id };
            TellWhatsApp(person, thread, item, now);
            return;
        }
        TellInstagram(person, thread, "message", new() { ["mid"] = target.Id, ["is_deleted"] = true }, now);
    }

    private void TellWhatsApp(Person person, ChatThread thread, JsonObject item, DateTimeOffset now) =>
        Tell(thread, Messages, Messages, item, WhatsAppUpdates.Contact(person), now, 0);

    private void TellInstagram(Person person, ChatThread thread, string name, JsonObject member, DateTimeOffset now) =>
        Tell(thread, Messaging, null, InstagramUpdates.FromPerson(thread.Account, person, now, name, member), null, now, 0);

    private static JsonObject WhatsAppMessage(Person person, ChatThread thread, PhoneMessage message, MediaFile? file)
    {
        var content = message.Content;
        var item = WhatsAppUpdates.Message(person, message.Id, message.At, content.Type);
        if (message.ReplyTo is { } reply)
        {
            var isOwn = thread.Find(reply) is { IsFromPerson: true };
            var context = new JsonObject { ["id"] = reply };
            if (!isOwn) context["from"] = thread.Account.Digits;
            else if (WhatsAppUpdates.HasNumber(person)) context["from"] = person.WaId;
            item["context"] = context;
        }
        item[content.Type] = content.Type switch
        {
            "text" => new JsonObject { ["body"] = content.Text },
            "location" => Location(content.Text),
            _ when file is not null => WhatsAppUpdates.Media(file, content.Text, content.Type),
            _ => new JsonObject(),
        };
        return item;
    }

    private static JsonObject InstagramMessage(PhoneMessage message)
    {
        var item = new JsonObject { ["mid"] = message.Id };
        InstagramUpdates.AddContent(item, message);
        if (message.ReplyTo is { } reply) item["reply_to"] = new JsonObject { ["mid"] = reply };
        return item;
    }

    private static JsonObject Location(string? text)
    {
        var parts = (text ?? "").Split(',', StringSplitOptions.TrimEntries);
        return new()
        {
            ["latitude"] = parts.Length == 2 ? double.Parse(parts[0], CultureInfo.InvariantCulture) : 0,
            ["longitude"] = parts.Length == 2 ? double.Parse(parts[1], CultureInfo.InvariantCulture) : 0,
        };
    }
}
