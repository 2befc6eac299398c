using System.Globalization;
using Chat.Core.PutBack;

namespace Chat.Api.Operations.DeadLetters;

/// <summary>A place in the list of dead letters, the newest first: after the dead letter that it was made of.</summary>
/// <param name="At">When that was put aside, in Unix milliseconds.</param>
internal sealed record DeadLetterCursor(long At, string Topic, int Partition, long Offset)
{
    private const char Separator = '~';

    /// <summary>Null where the text is no cursor.</summary>
    public static DeadLetterCursor? Parse(string text) =>
        text.Split(Separator) is [var at, { Length: > 0 } topic, var partition, var offset]
        && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var time)
        && int.TryParse(partition, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            ? new(time, topic, number, place)
            : null;

    public static DeadLetterCursor Of(DeadLetter letter) =>
        new(letter.Event.AppendedAt.ToUnixTimeMilliseconds(), letter.Topic, letter.Partition, letter.Event.Offset);

    /// <summary>Whether a dead letter comes after this place.</summary>
    public bool Precedes(DeadLetter letter)
    {
        var other = Of(letter);
        if (other.At != At) return other.At < At;
        var topic = string.CompareOrdinal(other.Topic, Topic);
        if (topic != 0) return topic > 0;
        return other.Partition != Partition ? other.Partition > Partition : other.Offset < Offset;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At}~{Topic}~{Partition}~{Offset}");
}
