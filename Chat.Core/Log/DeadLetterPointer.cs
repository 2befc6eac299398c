using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Chat.Core.Json;

namespace Chat.Core.Log;

/// <summary>
/// A dead letter that says where its event is instead of holding it: of an event that an engine refuses, or whose copy the
/// dead-letter topic refuses. It always fits. The event is there for as long as its own topic keeps it.
/// </summary>
/// <param name="Topic">The event's topic.</param>
/// <param name="Partition">The event's partition.</param>
/// <param name="Offset">The event's offset.</param>
/// <param name="Reason">Why it was put aside; cut, and printable.</param>
public sealed record DeadLetterPointer(string Topic, int Partition, long Offset, string Reason)
{
    private const int MaxBytes = 8 * 1024;

    /// <summary>
    /// What a dead letter points at, by its value; null where it holds its event itself, or points nowhere.
    /// </summary>
    public static DeadLetterPointer? TryRead(LogEvent deadLetter) =>
        deadLetter.Header(HeaderNames.DeadLetterPointer) is not null
        && JsonGate.Read(deadLetter.Value.Span, MaxBytes, DeadLetterPointerJson.Pointer, out _) is
        { Topic.Length: > 0, Partition: >= 0, Offset: >= 0 } pointer
            ? pointer
            : null;

    internal byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, DeadLetterPointerJson.Pointer);
}

public static class DeadLetterPointers
{
    // Append times are the brokers', whose clocks agree to less than this.
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The event that a dead letter points at; null where it holds its event itself, or the log no longer has the event.
    /// </summary>
    public static async ValueTask<LogEvent?> FindEventAsync(
        this ILogReader reader, LogEvent deadLetter, CancellationToken cancellationToken)
    {
        if (DeadLetterPointer.TryRead(deadLetter) is not { } pointer || !Topics.All.Contains(pointer.Topic)) return null;
        foreach (var range in await reader.GetRangesAsync(pointer.Topic, cancellationToken))
        {
            if (range.Partition != pointer.Partition || pointer.Offset < range.Start || pointer.Offset >= range.End) continue;
            var place = new TopicPartition(pointer.Topic, pointer.Partition);
            await foreach (var source in reader.ReadAsync(place, pointer.Offset, pointer.Offset + 1, cancellationToken))
            {
                // An event that is younger than what points at it is another one: the topic was made anew meanwhile.
                return source.AppendedAt <= deadLetter.AppendedAt + ClockSlack ? source : null;
            }
        }
        return null;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DeadLetterPointer))]
internal sealed partial class DeadLetterPointerContext : JsonSerializerContext;

/// <summary>Escapes no more than JSON asks for: the reason has few bytes more than its text.</summary>
internal static class DeadLetterPointerJson
{
    private static readonly DeadLetterPointerContext Context =
        new(new JsonSerializerOptions(DeadLetterPointerContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static JsonTypeInfo<DeadLetterPointer> Pointer => Context.DeadLetterPointer;
}
