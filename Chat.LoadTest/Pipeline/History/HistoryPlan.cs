using System.Security.Cryptography;
using Chat.Core.Ids;
using Chat.Core.Messages;

namespace Chat.LoadTest.Pipeline.History;

/// <summary>
/// Which messages the history has: numbered from 0, in the order of their times, which end before the run begins. Runs of
/// <see cref="PartSize"/> lie in one conversation: every tenth in the first one, which so has a tenth of all, the others in turn in the
/// rest.
/// </summary>
/// <param name="total">As many as there will be in the end; the times of all of them are those of <see cref="Span"/>.</param>
/// <param name="now">The time of the run.</param>
internal sealed class HistoryPlan(RunIds ids, long total, DateTimeOffset now)
{
    private const int PartSize = 100;

    private const int Tenth = 10;

    /// <summary>Within what changes are kept for, so that none of their rows has ended.</summary>
    private static readonly TimeSpan Span = TimeSpan.FromDays(6);

    /// <summary>Longer than the warm-up, whose messages are newer than the history.</summary>
    private static readonly TimeSpan BeforeTheRun = TimeSpan.FromHours(1);

    private readonly DateTimeOffset _first = now - BeforeTheRun - Span;

    /// <summary>The messages from a number on, below another one.</summary>
    public IEnumerable<HistoryPart> Parts(long from, long until)
    {
        for (var first = from; first < until;)
        {
            var next = Math.Min(until, ((first / PartSize) + 1) * PartSize);
            yield return PartOf(first, (int)(next - first));
            first = next;
        }
    }

    /// <summary>Among the run's conversations, that of a part, counted from 0.</summary>
    private int ConversationOf(long part)
    {
        var others = ids.Conversations.Count - 1;
        if (others == 0 || part % Tenth == 0) return 0;
        return 1 + (int)((part - (part / Tenth) - 1) % others);
    }

    private HistoryPart PartOf(long first, int count)
    {
        var conversation = ConversationOf(first / PartSize);
        return new(first, [.. Enumerable.Range(0, count).Select(i => MessageOf(first + i, conversation))]);
    }

    private Message MessageOf(long number, int conversation)
    {
        Span<byte> free = stackalloc byte[MessageIds.FreeBytes];
        RandomNumberGenerator.Fill(free);
        var id = MessageIds.Make(_first + (Span * ((double)number / total)), free);
        return new(
            id, ids.Conversations[conversation], ids.Organization, ids.User, ids.ChannelOf(conversation), MessageDirection.Outbound, "text",
            $$"""{"texto":"{{ids.TextOf(number)}}"}""", ids.RecipientOf(number), MessageIds.CreatedAt(id)!.Value,
            Position: number + 1);
    }
}
