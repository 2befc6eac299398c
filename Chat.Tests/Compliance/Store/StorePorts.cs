using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Conversations;
using Chat.Core.Erasure;
using Chat.Core.Idempotency;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Core.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Compliance.Store;

/// <summary>A whole store: every port of it, for tests that arrange with one and look with another.</summary>
public sealed record StorePorts(
    IConversationStore Conversations,
    IIdempotencyStore IdempotencyKeys,
    IMessageStore Messages,
    IStatusStore Statuses,
    IChangeStore Changes,
    IEpochStore Epochs,
    IParkedStore Parked,
    IHandOverLedger HandOvers,
    IProviderIds ProviderIds,
    ISendLedger Sends,
    IHeldMessages Held,
    IAccountStore Accounts,
    IContactStore Contacts,
    IRevokedTokenStore RevokedTokens,
    IErasure Erasure)
{
    public MessageLookup Lookup { get; } = new(Messages, ProviderIds);

    public static StorePorts From(IServiceProvider services) => ActivatorUtilities.CreateInstance<StorePorts>(services);
}
