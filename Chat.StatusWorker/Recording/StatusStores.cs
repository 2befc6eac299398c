using Chat.Core.Conversations;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;

namespace Chat.StatusWorker.Recording;

/// <summary>What a batch of statuses reads and writes in the store.</summary>
public sealed record StatusStores(
    IConversationStore Conversations,
    IMessageStore Messages,
    IStatusStore Statuses,
    IChangeStore Changes,
    IParkedStore Parked,
    MessageLookup Lookup);
