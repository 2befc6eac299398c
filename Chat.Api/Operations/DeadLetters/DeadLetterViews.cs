using Chat.Core.PutBack;
using Chat.Core.Text;
using Chat.Core.Time;

namespace Chat.Api.Operations.DeadLetters;

/// <summary>A dead letter, without what its event holds.</summary>
/// <param name="Location">As the command <c>dead-letters</c> names it.</param>
/// <param name="Topic">The topic that it was put aside from.</param>
/// <param name="Partition">Of the topic's dead letters, as is <paramref name="Offset"/>.</param>
/// <param name="At">When it was put aside; ISO 8601, UTC.</param>
/// <param name="Key">The event's key, as a rule its conversation; cut.</param>
/// <param name="Bytes">The event's size; null where it is gone.</param>
/// <param name="TimesBack">How many times the event had been put back before it became this dead letter.</param>
/// <param name="Target">Where its event is, of one that points at it: topic, partition and offset.</param>
/// <param name="CanGoBack">Whether its event is at hand.</param>
/// <param name="PutBack">When it was put back, and by whom; null where it was not.</param>
internal sealed record DeadLetterView(
    string Location,
    string Topic,
    int Partition,
    long Offset,
    string At,
    string? Key,
    string Reason,
    int? Bytes,
    int TimesBack,
    string? Target,
    bool CanGoBack,
    PutBackView? PutBack)
{
    public static DeadLetterView From(DeadLetter letter) => new(
        letter.Location,
        letter.Origin,
        letter.Partition,
        letter.Event.Offset,
        WireTime.Format(letter.Event.AppendedAt),
        letter.Event.Key is { } key ? Printable.Line(key) : null,
        letter.Reason,
        letter.CanGoBack ? (letter.Original ?? letter.Event).Value.Length : null,
        letter.TimesBack,
        letter.IsPointer ? letter.Target : null,
        letter.CanGoBack,
        letter.Back is { } back ? PutBackView.From(back) : null);
}

/// <param name="At">ISO 8601, UTC.</param>
/// <param name="By">The operator's user id; null where the command did it.</param>
internal sealed record PutBackView(string At, string? By)
{
    public static PutBackView From(PutBackRecord record) =>
        new(WireTime.Format(record.At), record.By is { } by ? Printable.Line(by) : null);
}

/// <summary>A page of dead letters, the newest first.</summary>
/// <param name="Next">What to give as <c>after</c> for the next page; null on the last.</param>
/// <param name="IsWhole">
/// Whether these pages have all there are; else there are older ones, which the command <c>dead-letters list</c> shows.
/// </param>
internal sealed record DeadLetterPageView(IReadOnlyList<DeadLetterView> Items, string? Next, bool IsWhole);

/// <summary>A dead letter looked at.</summary>
/// <param name="Event">
/// Its event as JSON text, with ids, times, statuses and channels, and the lengths of all other texts; null where it is gone or no JSON
/// object.
/// </param>
/// <param name="TraceParent">The trace that its producer wrote along.</param>
internal sealed record DeadLetterDetailView(DeadLetterView Letter, string? Event, string? TraceParent)
{
    public static DeadLetterDetailView From(DeadLetter letter)
    {
        var source = letter.Original ?? letter.Event;
        return new(DeadLetterView.From(letter), letter.CanGoBack ? EventOutline.Of(source.Value) : null, source.TraceParent);
    }
}
