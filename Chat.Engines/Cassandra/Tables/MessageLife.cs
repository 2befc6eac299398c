using Chat.Core.Ids;
using Chat.Core.Retention;
using Chat.Engines.Cassandra.Schema;
using Microsoft.Extensions.Options;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// How long the rows of a message live. Not its facts: of two equal times the server would keep the one that lives longer, and not the one
/// with the lower number.
/// </summary>
internal sealed class MessageLife(IOptions<RetentionOptions> options, TimeProvider time)
{
    /// <summary>Seconds for <c>USING TTL</c>, counted from the message's creation; 0 is for good.</summary>
    public int SecondsLeft(Guid messageId)
    {
        if (options.Value.Messages is not { } kept) return 0;
        var now = time.GetUtcNow();
        return ChangeLife.SecondsLeft(MessageIds.CreatedAt(messageId) ?? now, kept, now);
    }
}
