using System.Globalization;
using System.Text;

namespace Chat.Tests.Fuzz;

/// <summary>
/// Inputs that are nearly right and wrong in every way we know: valid samples with members dropped, doubled, renamed and given
/// other values, then cut and overwritten byte by byte. One seed makes one sequence.
/// </summary>
internal sealed class FuzzInputs
{
    private const string CountSetting = "CHAT_FUZZ_INPUTS";
    private const string SeedSetting = "CHAT_FUZZ_SEED";
    private const int DefaultSeed = 15;

    private readonly Random _random;
    private readonly IReadOnlyList<FuzzSample> _samples;

    /// <param name="name">Of the test, so that each has a sequence of its own.</param>
    public FuzzInputs(string name, params IReadOnlyList<FuzzSample> samples)
    {
        Seed = int.TryParse(Environment.GetEnvironmentVariable(SeedSetting), out var seed) ? seed : DefaultSeed;
        // Not string.GetHashCode, which is another one in every process.
        _random = new Random(name.Aggregate(Seed, (hash, c) => unchecked((hash * 31) + c)));
        _samples = samples;
    }

    public int Seed { get; }

    /// <summary>How many inputs a test takes of all: <c>CHAT_FUZZ_INPUTS</c> of them together, or what the suite has time for.</summary>
    /// <param name="share">In thousandths of all inputs.</param>
    /// <param name="usual">Where the variable is not set.</param>
    public static int Count(int share, int usual) =>
        long.TryParse(Environment.GetEnvironmentVariable(CountSetting), NumberStyles.None, CultureInfo.InvariantCulture, out var all)
            ? (int)(all * share / 1000)
            : usual;

    public Random Random => _random;

    public byte[] Next()
    {
        var bytes = _random.Next(8) switch
        {
            0 => Encoding.UTF8.GetBytes(NastyJson.Value(_random)),
            1 => NastyJson.Bytes(_random),
            2 => Wrap(NextObject()),
            _ => NextObject(),
        };
        for (var times = _random.Next(4) == 0 ? _random.Next(1, 4) : 0; times > 0; times--) bytes = Damage(bytes);
        return bytes;
    }

    private byte[] NextObject()
    {
        var members = _samples[_random.Next(_samples.Count)].Members.ToList();
        for (var times = _random.Next(1, 4); times > 0; times--) Change(members);
        var json = new MemoryStream();
        if (_random.Next(40) == 0) json.Write("\uFEFF"u8);
        json.WriteByte((byte)'{');
        for (var i = 0; i < members.Count; i++)
        {
            if (i > 0) json.WriteByte((byte)',');
            json.Write(members[i].Name);
            json.WriteByte((byte)':');
            json.Write(members[i].Value);
        }
        json.WriteByte((byte)'}');
        return json.ToArray();
    }

    private void Change(List<(byte[] Name, byte[] Value)> members)
    {
        if (members.Count == 0)
        {
            members.Add(("\"a\""u8.ToArray(), "1"u8.ToArray()));
            return;
        }
        var at = _random.Next(members.Count);
        switch (_random.Next(10))
        {
            case 0:
                members.RemoveAt(at);
                break;
            case 1:
                members.Add(members[at]);
                break;
            case 2:
                members.Add((members[at].Name, Nasty()));
                break;
            case 3:
                members[at] = (Encoding.UTF8.GetBytes(NastyJson.Text(_random)), members[at].Value);
                break;
            case 4:
                members.Insert(at, (NastyJson.Quoted(NastyJson.Bytes(_random)), Nasty()));
                break;
            case 5:
                (members[at], members[0]) = (members[0], members[at]);
                break;
            default:
                members[at] = (members[at].Name, Nasty());
                break;
        }
    }

    private byte[] Nasty() => _random.Next(6) == 0
        ? NastyJson.Quoted(NastyJson.Bytes(_random))
        : Encoding.UTF8.GetBytes(NastyJson.Value(_random));

    private byte[] Wrap(byte[] json) => _random.Next(4) switch
    {
        0 => [(byte)'[', .. json, (byte)']'],
        1 => [(byte)'[', .. json, (byte)',', .. NextObject(), (byte)']'],
        2 => [.. json, .. json],
        _ => [.. "{\"x\":"u8, .. json, (byte)'}'],
    };

    private byte[] Damage(byte[] bytes)
    {
        if (bytes.Length == 0) return bytes;
        var at = _random.Next(bytes.Length);
        switch (_random.Next(5))
        {
            case 0:
                return bytes[..at];
            case 1:
                return bytes[at..];
            case 2:
                return [.. bytes[..at], .. NastyJson.Bytes(_random), .. bytes[at..]];
            default:
                bytes = [.. bytes];
                bytes[at] = (byte)_random.Next(256);
                return bytes;
        }
    }
}

/// <summary>A valid object, by its members' names and values as JSON.</summary>
internal sealed record FuzzSample(IReadOnlyList<(byte[] Name, byte[] Value)> Members)
{
    public static FuzzSample Of(string json)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        return new([.. document.RootElement.EnumerateObject().Select(m =>
            (Encoding.UTF8.GetBytes($"\"{m.Name}\""), Encoding.UTF8.GetBytes(m.Value.GetRawText())))]);
    }

    public byte[] Json =>
    [
        .. "{"u8,
        .. Members.SelectMany((m, i) => (byte[])[.. i > 0 ? ","u8 : [], .. m.Name, (byte)':', .. m.Value]),
        .. "}"u8,
    ];
}
