using System.Text.Json;
using Chat.Connectors.Webhooks;
using Chat.Core.Contacts;

namespace Chat.Connectors.WhatsApp.Receiving;

/// <summary>
/// The people that a change describes. They are parallel to nothing else in it: who is meant is found by the ids, by look-ups, since a
/// change may hold thousands.
/// </summary>
internal sealed class WhatsAppContacts
{
    private readonly List<JsonElement> _people;
    private readonly Dictionary<string, int> _byUserId = [];
    private readonly Dictionary<string, int> _byPhone = [];
    private readonly Dictionary<string, int> _byEither = [];

    /// <param name="change">The change's <c>value</c>.</param>
    public WhatsAppContacts(JsonElement change)
    {
        _people = [.. change.Objects("contacts")];
        for (var i = 0; i < _people.Count; i++)
        {
            var (phone, userId) = (_people[i].Text("wa_id"), _people[i].Text("user_id"));
            Add(_byUserId, userId, i);
            Add(_byPhone, PhoneNumbers.Canonical(phone), i);
            Add(_byEither, phone, i);
            Add(_byEither, userId, i);
        }
    }

    /// <summary>The first that has one of the ids; where there is no number, some write the other id in its place.</summary>
    public JsonElement? Find(string? phone, string? userId)
    {
        var first = Math.Min(
            PlaceOf(_byUserId, userId), Math.Min(PlaceOf(_byPhone, PhoneNumbers.Canonical(phone)), PlaceOf(_byEither, phone)));
        return first < _people.Count ? _people[first] : null;
    }

    private static void Add(Dictionary<string, int> places, string? id, int place)
    {
        if (id is not null) places.TryAdd(id, place);
    }

    private static int PlaceOf(Dictionary<string, int> places, string? id) =>
        id is not null && places.TryGetValue(id, out var place) ? place : int.MaxValue;
}
