using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Providers;

namespace Chat.Tests.Stores;

/// <summary>Stores of which a test uses a few calls: it overrides those, and every other one throws.</summary>
internal abstract class UnusedStore : IMessageStore, IProviderIds, IParkedStore
{
    public virtual ValueTask AddMessagesAsync(IReadOnlyList<Message> messages, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual ValueTask<IReadOnlyDictionary<Guid, MessageKey>> FindMessageKeysAsync(
        IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual ValueTask<IReadOnlyList<MessageState>> GetStatesAsync(
        IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual ValueTask<MessagePage> ListMessagesAsync(
        Guid conversationId, Guid? before, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual ValueTask AddProviderIdAsync(ProviderId id, MessageKey key, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual ValueTask<IReadOnlyDictionary<ProviderId, MessageKey>> FindByProviderIdsAsync(
        IReadOnlyCollection<ProviderId> ids, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual ValueTask ParkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual ValueTask<IReadOnlyList<ParkedStatus>> ListParkedAsync(
        IReadOnlyCollection<string> subjects, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual ValueTask<ParkedPage> ListParkedBeforeAsync(
        DateTimeOffset before, ParkedPlace? after, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual ValueTask UnparkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual ValueTask TidyParkedAsync(ParkedPlace through, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
