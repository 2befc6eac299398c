using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Text;

namespace Chat.Core.PutBack;

/// <summary>An event that was put aside.</summary>
/// <param name="Incarnation">Of its topic: offsets mean something else once the topic was created again.</param>
/// <param name="Back">When it was put back; null where it was not yet.</param>
/// <param name="Original">
/// The event as its own topic still has it, of a dead letter that points at its event; null where it is gone, or
/// <paramref name="Event"/> holds it.
/// </param>
public sealed record DeadLetter(
    string Topic, int Partition, string Incarnation, LogEvent Event, PutBackRecord? Back, LogEvent? Original = null)
{
    private const int LongestReason = 512;

    // The end of the year 9999.
    private const long MaxUnixMilliseconds = 253_402_300_799_999;

    public bool IsBack => Back is not null;

    /// <summary>The topic that it was put aside from, without the <c>.dlq</c>.</summary>
    public string Origin => Topic[..^Topics.DeadLetter("").Length];

    /// <summary>Whether it says where its event is instead of holding it.</summary>
    public bool IsPointer => Event.Header(HeaderNames.DeadLetterPointer) is not null;

    /// <summary>Where the event was, of a pointer: its topic, partition and offset.</summary>
    public string Target => DeadLetterPointer.TryRead(Event) is { } pointer
        ? $"{Printable.Line(pointer.Topic)}[{pointer.Partition}]:{pointer.Offset}"
        : $"{Origin}:{Printable.Line(Event.Header(HeaderNames.DeadLetterOffset))}";

    /// <summary>Whether its event is at hand, so that it can be put back.</summary>
    public bool CanGoBack => !IsPointer || Original is not null;

    public string Location => $"{Topic}[{Partition}]:{Event.Offset}";

    /// <summary>Printable: a foreign producer may write dead letters too.</summary>
    public string Reason => Printable.Line(Event.Header(HeaderNames.DeadLetterReason) ?? "unknown", LongestReason);

    /// <summary>How many times it had been put back before it became this dead letter.</summary>
    public int TimesBack => int.TryParse((Original ?? Event).Header(HeaderNames.PutBack), out var times) ? times : 0;

    /// <summary>
    /// The event as it goes back: key and value as they were, its headers (<see cref="LogEvent.PassedOnHeaders"/>), and how many times it
    /// has now been put back.
    /// </summary>
    /// <exception cref="InvalidOperationException">It can't: <see cref="CanGoBack"/>.</exception>
    public NewEvent ToPutBack()
    {
        if (!CanGoBack) throw new InvalidOperationException($"The event that {Location} points at is gone.");
        var source = Original ?? Event;
        EventHeader[] headers =
        [
            .. source.PassedOnHeaders.Where(h => h.Name != HeaderNames.PutBack && !h.Name.StartsWith("dlq.", StringComparison.Ordinal)),
            new(HeaderNames.PutBack, $"{TimesBack + 1}"),
        ];
        var key = source.Key ?? $"{Partition}/{Event.Offset}";
        if (Original is null && Origin == Topics.Status
            && long.TryParse(Event.Header(HeaderNames.DeadLetterSeq), out var seq)
            && long.TryParse(Event.Header(HeaderNames.DeadLetterAppendedAt), out var at)
            && at is >= 0 and <= MaxUnixMilliseconds
            && ParkedStatuses.PutBack(key, Event.Value, seq, DateTimeOffset.FromUnixTimeMilliseconds(at)) is { } givenUp)
        {
            return new(Origin, givenUp.Key, givenUp.Value, headers);
        }
        return new(Origin, key, source.Value, headers);
    }
}

/// <summary>That a dead letter was put back.</summary>
/// <param name="By">The operator who asked for it through the API; null where the command did it.</param>
public sealed record PutBackRecord(DateTimeOffset At, string? By);
