using Chat.Connectors.Outbound;
using Chat.Core.Accounts;
using Chat.Core.Messages;

namespace Chat.Connectors.Providers;

/// <summary>A way to a channel's recipients: simulated, or a provider's API.</summary>
public interface IChannelProvider
{
    /// <summary>See <see cref="Core.Channels.ChannelCatalog"/>.</summary>
    string Channel { get; }

    /// <summary>Sends a message once. Whether it is sent again is for the caller, by the answer.</summary>
    /// <param name="cancellationToken">Ends the waiting for an answer; the answer is <see cref="SendAnswer.Unknown"/> then.</param>
    ValueTask<SendAnswer> SendAsync(Outgoing outgoing, CancellationToken cancellationToken);
}

/// <summary>A provider's API: it sends from accounts.</summary>
public interface IAccountProvider : IChannelProvider
{
    /// <summary>What is to be reported of a message that this provider accepted.</summary>
    IReadOnlyList<PlannedStatus> StatusesOfAccepted { get; }

    /// <summary>
    /// Tells the provider what is no message: <see cref="MessageTypes.MarkRead"/>, <see cref="MessageTypes.Typing"/>. May be repeated.
    /// </summary>
    /// <returns>Whether the provider took it.</returns>
    ValueTask<bool> TellAsync(KnownAccount account, Message hint, string? recipient, CancellationToken cancellationToken);
}

/// <summary>A message to send.</summary>
/// <param name="At">When it was first handed over, as the ledger has it: the times of statuses count from here.</param>
/// <param name="First">
/// False where the ledger knew the message already: it may have been sent, but its statuses may be missing from the log. Of an account's
/// message always true.
/// </param>
public sealed record Outgoing(Message Message, DateTimeOffset At, bool First)
{
    /// <summary>From which account; only to an <see cref="IAccountProvider"/>.</summary>
    public KnownAccount? Account { get; init; }

    /// <summary>Which try this is, from 1.</summary>
    public int Try { get; init; } = 1;

    /// <summary>The recipient as the provider is given it; null where none is known.</summary>
    public string? Recipient { get; init; }

    /// <summary>The provider's id of the message that this one replies or reacts to; null where there is none.</summary>
    public string? RefersTo { get; init; }
}
