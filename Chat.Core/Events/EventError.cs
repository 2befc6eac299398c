using Chat.Core.Json;
using Chat.Core.Text;

namespace Chat.Core.Events;

/// <summary>What is wrong with a field of an event.</summary>
public enum EventErrorKind
{
    /// <summary>Not JSON, or JSON of another shape than an event's.</summary>
    NotAnEvent,

    /// <summary>The event's JSON is larger than <see cref="EventLimits.MaxBytes"/>.</summary>
    TooLarge,

    /// <summary>A text of it is not valid Unicode.</summary>
    NotText,

    /// <summary>One of its objects has two members of one name.</summary>
    DuplicateName,

    /// <summary>The field's JSON type is another one.</summary>
    WrongType,

    /// <summary>The field is needed.</summary>
    Missing,

    /// <summary>The field's text is not a UUID, or all zeros.</summary>
    NotAUuid,

    /// <summary>The field is none of the statuses that can be reported.</summary>
    NotAStatus,

    /// <summary>The field is longer than <see cref="EventError.Limit"/>, or a number above it.</summary>
    TooLong,

    /// <summary>The event is in a topic of another channel.</summary>
    WrongChannel,
}

/// <summary>Why an event can't be used.</summary>
/// <param name="Field">As the event names it; null where it is not about one.</param>
/// <param name="Reason">For operators, as a dead letter's reason: short and printable, whatever the event held.</param>
/// <param name="Limit">What the field may have at most, where that is what is wrong.</param>
public sealed record EventError(EventErrorKind Kind, string? Field, string Reason, long Limit = 0)
{
    public override string ToString() => Field is null ? Reason : $"{Field}: {Reason}";

    /// <param name="what">What the JSON should have been: "a status event".</param>
    internal static EventError From(JsonFault fault, string what) => new(
        fault.Kind switch
        {
            JsonFaultKind.TooLarge => EventErrorKind.TooLarge,
            JsonFaultKind.NotUtf8 or JsonFaultKind.HalfSurrogate => EventErrorKind.NotText,
            JsonFaultKind.DuplicateName => EventErrorKind.DuplicateName,
            JsonFaultKind.WrongType when fault.Field is not null => EventErrorKind.WrongType,
            _ => EventErrorKind.NotAnEvent,
        },
        fault.Field,
        fault.Field is null || fault.Kind != JsonFaultKind.WrongType ? $"not {what}: {fault.What}" : fault.What,
        fault.Kind == JsonFaultKind.TooLarge ? EventLimits.MaxBytes : 0);

    internal static EventError Missing(string field) => new(EventErrorKind.Missing, field, "missing");

    internal static EventError NotAUuid(string field, string text) =>
        new(
            EventErrorKind.NotAUuid,
            field,
            $"'{Printable.Line(text)}' is not a UUID{(Guid.TryParse(text, out _) ? " other than zeros" : "")}");

    internal static EventError TooLong(string field, long length, int limit) =>
        new(EventErrorKind.TooLong, field, $"has {length} characters; {limit} are the most", limit);
}
