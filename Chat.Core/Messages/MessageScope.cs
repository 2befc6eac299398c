using System.Collections;

namespace Chat.Core.Messages;

/// <summary>The scope of a log record that concerns one message; what is not known of it is left out.</summary>
public sealed class MessageScope(Guid? messageId, Guid? conversationId, Guid? organizationId) : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly KeyValuePair<string, object?>[] _members =
    [
        .. Member("MessageId", messageId), .. Member("ConversationId", conversationId), .. Member("OrganizationId", organizationId),
    ];

    public int Count => _members.Length;

    public KeyValuePair<string, object?> this[int index] => _members[index];

    public static MessageScope Of(Message message) => new(message.MessageId, message.ConversationId, message.OrganizationId);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() =>
        ((IEnumerable<KeyValuePair<string, object?>>)_members).GetEnumerator();

    /// <summary>For logs that print a scope as one text.</summary>
    public override string ToString() => string.Join(' ', _members.Select(m => $"{m.Key}:{m.Value}"));

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static KeyValuePair<string, object?>[] Member(string name, Guid? value) => value is { } id ? [new(name, id)] : [];
}
