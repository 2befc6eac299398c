using System.Text;
using System.Text.Json;

namespace Chat.Tests.Fuzz;

/// <summary>
/// Changes JSON at any depth: values, names and whole members, by what has broken readers before and by words of the test's own, which
/// may be such as mean something to who reads them.
/// </summary>
internal sealed class JsonMutation(Random random, IReadOnlyList<string> words)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 1000 };

    /// <summary>The JSON with a value, a name or a member changed so many times; as it is once it is no JSON any more.</summary>
    public string Change(string json, int times)
    {
        for (; times > 0; times--)
        {
            var bytes = Encoding.UTF8.GetBytes(json);
            var places = FindPlaces(bytes);
            if (places.Count == 0) return json;
            json = Encoding.UTF8.GetString(Change(bytes, places));
        }
        return json;
    }

    /// <summary>Some of its bytes cut, added or overwritten.</summary>
    public byte[] Damage(byte[] bytes)
    {
        if (bytes.Length == 0) return bytes;
        var at = random.Next(bytes.Length);
        switch (random.Next(4))
        {
            case 0:
                return bytes[..at];
            case 1:
                return [.. bytes[..at], .. NastyJson.Bytes(random), .. bytes[at..]];
            case 2:
                return [.. bytes[..at], .. bytes[random.Next(at, bytes.Length)..]];
            default:
                bytes = [.. bytes];
                bytes[at] = (byte)random.Next(256);
                return bytes;
        }
    }

    private byte[] Change(byte[] json, List<Place> places)
    {
        var place = places[random.Next(places.Count)];
        var (name, value) = (json[place.Start..place.ValueStart], json[place.ValueStart..place.End]);
        byte[] changed = random.Next(12) switch
        {
            // Twice, as it is or with another value.
            0 => [.. name, .. value, (byte)',', .. name, .. value],
            1 => [.. name, .. value, (byte)',', .. name, .. Value()],
            // In an array, or in an object.
            2 => [.. name, (byte)'[', .. value, (byte)']'],
            3 => [.. name, .. "{\"a\":"u8, .. value, (byte)'}'],
            // Under another name, or with one where none belongs.
            4 => [.. Text(), .. place.IsMember ? ":"u8 : ","u8, .. value],
            5 => [.. name, .. "null"u8],
            // Or what is elsewhere in it.
            6 or 7 => [.. name, .. ValueOf(json, places[random.Next(places.Count)])],
            _ => [.. name, .. Value()],
        };
        return [.. json[..place.Start], .. changed, .. json[place.End..]];
    }

    private static byte[] ValueOf(byte[] json, Place place) => json[place.ValueStart..place.End];

    private byte[] Value() => Encoding.UTF8.GetBytes(random.Next(2) == 0 ? words[random.Next(words.Count)] : NastyJson.Value(random));

    private byte[] Text() => Encoding.UTF8.GetBytes(NastyJson.Text(random));

    /// <summary>Where its members and elements are; none where it is no JSON.</summary>
    private static List<Place> FindPlaces(byte[] json)
    {
        var places = new List<Place>();
        var open = new Stack<(int? Name, int Value)>();
        int? name = null;
        var reader = new Utf8JsonReader(json, Options);
        try
        {
            while (reader.Read())
            {
                var (start, end) = ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        name = start;
                        continue;
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        open.Push((name, start));
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        var (itsName, itsValue) = open.Pop();
                        places.Add(new(itsName ?? itsValue, itsValue, end, itsName is not null));
                        break;
                    default:
                        places.Add(new(name ?? start, start, end, name is not null));
                        break;
                }
                name = null;
            }
        }
        catch (JsonException)
        {
            return [];
        }
        return places;
    }

    /// <param name="Start">Of its name, where it has one.</param>
    private readonly record struct Place(int Start, int ValueStart, int End, bool IsMember);
}
