using Chat.MetaSimulator.Errors;

namespace Chat.MetaSimulator.People;

/// <summary>A button that a person may tap.</summary>
/// <param name="IsRow">Whether it is a row of a list.</param>
/// <param name="Description">Of a row; null where it has none.</param>
public sealed record PhoneButton(string Id, string Title, bool IsRow = false, string? Description = null);

/// <summary>What a message shows on a phone.</summary>
/// <param name="Type">Meta's word: <c>text</c>, <c>image</c>, <c>template</c>, …</param>
/// <param name="Text">The text, or the caption.</param>
/// <param name="MediaId">Of <see cref="Media.MediaShelf"/>; null where it has none.</param>
/// <param name="MediaUrl">Of a file elsewhere; null where it has none.</param>
public sealed record PhoneContent(
    string Type,
    string? Text,
    string? MediaId = null,
    string? MediaUrl = null,
    string? FileName = null,
    IReadOnlyList<PhoneButton>? Buttons = null);

/// <summary>A message in a chat, as the provider keeps it.</summary>
/// <param name="id">The <c>wamid</c> or <c>mid</c>.</param>
public sealed class PhoneMessage(string id, bool isFromPerson, PhoneContent content, DateTimeOffset at)
{
    public string Id { get; } = id;

    public bool IsFromPerson { get; } = isFromPerson;

    public PhoneContent Content { get; set; } = content;

    public DateTimeOffset At { get; } = at;

    /// <summary>The opaque data of the request that sent it; null where it had none.</summary>
    public string? OpaqueData { get; init; }

    /// <summary>The message that it answers; null where it answers none.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>When it reached the phone; of the person's own, when it was written.</summary>
    public DateTimeOffset? DeliveredAt { get; set; }

    /// <summary>When the other side saw it.</summary>
    public DateTimeOffset? ReadAt { get; set; }

    /// <summary>Why it never reaches the phone; null where it does.</summary>
    public GraphError? Failure { get; set; }

    /// <summary>How often the person changed its text.</summary>
    public int Edits { get; set; }

    public bool IsEdited => Edits > 0;

    public bool IsDeleted { get; set; }

    /// <summary>The emoji that the business put on it.</summary>
    public string? BusinessReaction { get; set; }

    /// <summary>The emoji that the person put on it.</summary>
    public string? PersonReaction { get; set; }
}
