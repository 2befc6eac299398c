using Chat.Core.Conversations;
using Chat.Core.Erasure;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;

namespace Chat.Core.Audit;

/// <summary>What an audit reads of the store.</summary>
public sealed record AuditStores(
    IConversationStore Conversations,
    IMessageStore Messages,
    IStatusStore Statuses,
    IChangeStore Changes,
    IEpochStore Epochs,
    IParkedStore Parked,
    MessageLookup Lookup,
    IErasure Erasure);
