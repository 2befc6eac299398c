using Chat.Core.Ids;

namespace Chat.Core.Events;

/// <summary>Reads an event's fields and keeps the first error.</summary>
internal struct EventFields
{
    public EventError? Error { get; private set; }

    public void Refuse(EventError error) => Error ??= error;

    /// <summary>An id; null where it is missing or empty.</summary>
    public Guid? Id(string field, string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var id = Uuid.Read(text);
        if (id is null) Refuse(EventError.NotAUuid(field, text));
        return id;
    }

    public Guid RequiredId(string field, string? text)
    {
        var id = Id(field, text);
        if (id is null) Refuse(EventError.Missing(field));
        return id.GetValueOrDefault();
    }

    /// <param name="maxLength">In UTF-16 code units.</param>
    public string? Text(string field, string? text, int maxLength)
    {
        if (text?.Length > maxLength) Refuse(EventError.TooLong(field, text.Length, maxLength));
        return text;
    }
}
