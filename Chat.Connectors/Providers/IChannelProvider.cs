using Chat.Connectors.Outbound;
using Chat.Core.Messages;
using Chat.Core.Providers;

namespace Chat.Connectors.Providers;

/// <summary>
/// A way to a channel's recipients. The simulated one plans all statuses there will be. One that calls a real API plans SENT or
/// FAILED, as the API answered, and leaves the rest to the provider's webhooks.
/// </summary>
public interface IChannelProvider
{
    /// <summary>See <see cref="Core.Channels.ChannelCatalog"/>.</summary>
    string Channel { get; }

    /// <summary>
    /// Sends messages, independently of each other, and answers with what is to be reported of each, in the order given. Throws only
    /// where all of them are to be sent once more, after a pause.
    /// </summary>
    ValueTask<IReadOnlyList<IReadOnlyList<PlannedStatus>>> SendAsync(
        IReadOnlyList<Outgoing> messages, CancellationToken cancellationToken);
}

/// <summary>A message to send.</summary>
/// <param name="HandOver">What the ledger holds of it, recorded before this call: the times of statuses count from its time.</param>
/// <param name="First">
/// False where the ledger knew the message already: it may have been sent, but its statuses may be missing from the log.
/// </param>
public sealed record Outgoing(Message Message, HandOver HandOver, bool First);
