namespace Chat.Core.Providers;

/// <summary>That a message was handed to a provider, or is about to be.</summary>
/// <param name="At">The first time; statuses of the simulation count from here, so that repeating them adds nothing.</param>
/// <param name="ProviderMessageId">The provider's id, once it gave one.</param>
public sealed record HandOver(Guid MessageId, string Channel, DateTimeOffset At, string? ProviderMessageId);

/// <summary>
/// What connectors handed to their providers, so that a restart does not send it again. That and when is kept for good: erasure and
/// retention take the provider's id alone, since the log may deliver the message once more. <see cref="Messages.IMessageStore"/> says what
/// every port of the store promises.
/// </summary>
public interface IHandOverLedger
{
    /// <summary>
    /// Notes hand-overs to a provider, and answers with the stored one of each, in the order given: the earliest <c>At</c>
    /// stays, and a provider's id that is known stays too.
    /// </summary>
    ValueTask<IReadOnlyList<HandOver>> RecordHandOversAsync(IReadOnlyList<HandOver> handOvers, CancellationToken cancellationToken);
}
