using System.Text;
using Chat.Core.Engines;
using Chat.Core.Events;
using Chat.Core.Log;
using Chat.Core.Statuses;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Engines;

/// <summary>
/// What the engines refuse for good: decided by the seed, by what is asked and by what it is asked with, so that the same is refused,
/// by whichever process and however often it is tried.
/// </summary>
/// <param name="share">Of all the things that can be refused.</param>
/// <param name="bug">How a refusal is answered, where that is the bug.</param>
public sealed class Refusals(ulong seed, double share, InjectedBug bug)
{
    private readonly HashSet<string> _subjects = [];

    /// <summary>How many different things were refused.</summary>
    public int Count => _subjects.Count;

    /// <summary>Whether anything of this subject (see <see cref="SubjectOf(Guid, StatusKind?)"/>) was refused until now.</summary>
    public bool HasRefused(string subject) => _subjects.Contains(subject);

    /// <summary>Whether anything of a message or of one of its statuses was refused until now.</summary>
    public bool HasRefusedAny(Guid messageId) => _subjects.Any(s => s.StartsWith($"{messageId}", StringComparison.Ordinal));

    public static string SubjectOf(Guid messageId, StatusKind? kind) => $"{messageId}/{StatusNames.Format(kind)}";

    /// <summary>Of an event or a dead letter: its message or status, or its text where it can't be read.</summary>
    public static string SubjectOf(ReadOnlySpan<byte> value) =>
        StatusEventJson.TryRead(value, out _) is { MessageId: { } id } status ? SubjectOf(id, status.Status)
        : MessageEventJson.TryRead(value, out _) is { } message ? $"{message.MessageId}"
        : Encoding.UTF8.GetString(value);

    /// <summary>Whether an engine refuses something.</summary>
    /// <param name="what">What is asked of it: "record", "append to msg.status".</param>
    /// <param name="item">What it is asked with, in full.</param>
    public bool Decide(string what, string item)
    {
        if (share <= 0) return false;
        var hash = SimRandom.Mix(seed ^ 0xCBF29CE484222325);
        foreach (var letter in $"{what} {item}") hash = (hash ^ letter) * 0x100000001B3;
        return (SimRandom.Mix(hash) >> 11) * (1.0 / (1UL << 53)) < share;
    }

    /// <summary>The same, and takes note of what is refused.</summary>
    /// <param name="subject">Whose fault it is then.</param>
    public bool Refuses(string what, string item, string subject)
    {
        if (!Decide(what, item)) return false;
        _subjects.Add(subject);
        return true;
    }

    /// <summary>Whether an event is one on which our own code throws: the same draw, for something else.</summary>
    public bool IsDefective(TopicPartition partition, LogEvent source) =>
        Decide($"process {partition.Topic}", Encoding.UTF8.GetString(source.Value.Span));

    /// <summary>Events of pointers always fit.</summary>
    public bool Refuses(NewEvent appended) =>
        share > 0
        && appended.Headers?.Any(h => h.Name == HeaderNames.DeadLetterPointer) is not true
        && Refuses(
            $"append to {appended.Topic}",
            $"{appended.Key} {Encoding.UTF8.GetString(appended.Value.Span)}",
            SubjectOf(appended.Value.Span));

    /// <summary>The last step of a call of which something is refused.</summary>
    /// <param name="answer">With <see cref="InjectedBug.RefusedBatchDropped"/>.</param>
    public T Answer<T>(string what, Func<T> answer) => bug switch
    {
        InjectedBug.RefusalRetried => throw new EngineException($"{what} failed"),
        InjectedBug.RefusedBatchDropped => answer(),
        _ => throw new EngineRefusedException($"{what}: too large"),
    };
}
