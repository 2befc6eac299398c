using System.Runtime.InteropServices;
using System.Text.Json;
using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Events;

namespace Chat.Api.Callbacks;

/// <summary>
/// What a callback's body holds, item by item: a bad one refuses no other. A provider's webhook brings what belongs to many messages;
/// refused as a whole, the good ones would come again and be refused again.
/// </summary>
internal sealed class CallbackItems(string? channel)
{
    public const int MaxEvents = 1000;

    private readonly List<StatusEvent> _events = [];
    private readonly List<int?> _indexes = [];
    private readonly List<RejectedItem> _rejected = [];

    public IReadOnlyList<StatusEvent> Events => _events;

    public IReadOnlyList<RejectedItem> Rejected => _rejected;

    /// <param name="body">One event, or an array of 1 to 1000; its texts may be such as can't be decoded.</param>
    /// <param name="channel">The one that the sender's key is for; null for any.</param>
    public static CallbackItems Read(JsonElement body, string? channel = null)
    {
        var items = new CallbackItems(channel);
        if (body.ValueKind != JsonValueKind.Array)
        {
            items.Add(null, body);
            return items;
        }
        var count = body.GetArrayLength();
        if (count is 0 or > MaxEvents)
        {
            items._rejected.Add(new(null, JsonBody.Root, UserTexts.WrongCount(MaxEvents)));
            return items;
        }
        var index = 0;
        foreach (var element in body.EnumerateArray()) items.Add(index++, element);
        return items;
    }

    /// <summary>Notes that one of <see cref="Events"/> can't be kept.</summary>
    public void Refuse(int place) => _rejected.Add(new(_indexes[place], JsonBody.Root, UserTexts.Refused));

    /// <summary>What is wrong, by field; of an array, a field's name starts with its place: <c>[3].status</c>.</summary>
    public FieldErrors ToErrors()
    {
        var errors = new FieldErrors();
        foreach (var rejected in _rejected) errors.Add(rejected.Place, rejected.Error);
        return errors;
    }

    private void Add(int? index, JsonElement element)
    {
        if (StatusEventJson.TryRead(JsonMarshal.GetRawUtf8Value(element), out var error) is not { } read)
            _rejected.Add(new(index, error!.Field ?? JsonBody.Root, TextOf(error)));
        // Only the router says what the store has.
        else if (read.IsAnnouncement) _rejected.Add(new(index, "status", UserTexts.UnknownStatus));
        else if (channel is not null && read.Channel is { } named && named != channel)
            _rejected.Add(new(index, "channel", UserTexts.KeyOfAnotherChannel(channel)));
        else
        {
            // Only the workers decide which event another one repeats.
            _events.Add(read with { Joins = null, Channel = channel ?? read.Channel, Authenticated = channel is not null });
            _indexes.Add(index);
        }
    }

    private static UserText TextOf(EventError error) => error.Kind switch
    {
        EventErrorKind.WrongType => UserTexts.WrongType,
        EventErrorKind.Missing => UserTexts.MissingField,
        EventErrorKind.NotAUuid => UserTexts.NotAnId,
        EventErrorKind.NotAStatus => UserTexts.UnknownStatus,
        EventErrorKind.NotText => UserTexts.HalfSurrogate,
        EventErrorKind.DuplicateName => UserTexts.DuplicateFields,
        EventErrorKind.TooLong => UserTexts.LongerThan(error.Limit),
        EventErrorKind.TooLarge => UserTexts.BodyTooBig((int)error.Limit),
        _ => UserTexts.NotAnObject,
    };
}

/// <summary>An item that can't be used.</summary>
/// <param name="Index">In the array, from 0; null where the body is none.</param>
/// <param name="Field">By the event's own names; <see cref="JsonBody.Root"/> for the whole.</param>
internal sealed record RejectedItem(int? Index, string Field, UserText Error)
{
    public string Place => Index is not { } index ? Field : Field == JsonBody.Root ? $"[{index}]" : $"[{index}].{Field}";
}
