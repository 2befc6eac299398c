using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.People;
using Chat.MetaSimulator.World;

namespace Chat.MetaSimulator.Control;

/// <summary>A person's phone, as its page shows it.</summary>
/// <param name="Number">As WhatsApp writes it; null where the person has no WhatsApp.</param>
/// <param name="Chats">Every account of the channels that the person has; those that wrote last come first.</param>
public sealed record PersonView(
    string Id, string Name, string? Number, string? InstagramId, bool IsOn, bool HasReadReceipts, IReadOnlyList<ChatView> Chats)
{
    private const int MostMessages = 200;

    public static PersonView Of(MetaWorld world, Person person, DateTimeOffset now)
    {
        var accounts = world.Accounts.Where(a =>
            (a.Channel == ChannelNames.WhatsApp ? person.WaId : person.InstagramId) is not null);
        var chats = accounts.Select(a => Chat(person.With(a), person.IsOn, now)).OrderByDescending(c => c.LastAt).ToList();
        return new(person.Id, person.Name, person.WaId, person.InstagramId, person.IsOn, person.HasReadReceipts, chats);
    }

    private static ChatView Chat(ChatThread thread, bool isOn, DateTimeOffset now)
    {
        // What waits at the provider is not on the phone.
        var messages = thread.Messages.Where(m => m.DeliveredAt is not null).ToList();
        return new(
            thread.Account.Channel,
            thread.Account.Id,
            thread.Account.DisplayName,
            thread.IsOpen,
            thread.IsBlocked,
            isOn && thread.TypingUntil > now,
            messages.Count(m => !m.IsFromPerson && m.ReadAt is null),
            messages.Count > 0 ? messages[^1].At : null,
            [.. messages.TakeLast(MostMessages).Select(MessageOf)]);
    }

    private static MessageView MessageOf(PhoneMessage message) => new(
        message.Id,
        message.IsFromPerson,
        message.Content.Type,
        message.IsDeleted ? null : message.Content.Text,
        message.IsDeleted ? null : message.Content.MediaId is { } id ? $"/cdn/{id}" : message.Content.MediaUrl,
        message.Content.FileName,
        message.Content.Buttons ?? [],
        message.At,
        message.IsFromPerson && message.ReadAt is not null,
        message.ReplyTo,
        message.BusinessReaction,
        message.PersonReaction,
        message.IsEdited,
        message.IsDeleted);
}

/// <param name="IsTyping">Whether the business shows that it types.</param>
/// <param name="Unread">The business's messages that were not seen yet.</param>
public sealed record ChatView(
    string Channel,
    string AccountId,
    string Name,
    bool IsOpen,
    bool IsBlocked,
    bool IsTyping,
    int Unread,
    DateTimeOffset? LastAt,
    IReadOnlyList<MessageView> Messages);

/// <param name="IsSeen">Of the person's own: whether the business marked it as read.</param>
public sealed record MessageView(
    string Id,
    bool IsMine,
    string Type,
    string? Text,
    string? MediaUrl,
    string? FileName,
    IReadOnlyList<PhoneButton> Buttons,
    DateTimeOffset At,
    bool IsSeen,
    string? ReplyTo,
    string? BusinessReaction,
    string? PersonReaction,
    bool IsEdited,
    bool IsDeleted);
