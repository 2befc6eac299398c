namespace Chat.Tests.Compliance.Store;

/// <summary>The embedded store, in a folder of its own.</summary>
internal sealed class EmbeddedStoreEngine(EmbeddedFolder folder) : IStoreEngine
{
    public EmbeddedStoreEngine()
        : this(new())
    {
    }

    public ValueTask<StorePorts> OpenAsync() => ValueTask.FromResult(folder.OpenStore());

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

public sealed class EmbeddedConversationStoreTests() : ConversationStoreCompliance(new EmbeddedStoreEngine());

public sealed class EmbeddedIdempotencyStoreTests() : IdempotencyStoreCompliance(new EmbeddedStoreEngine());

public sealed class EmbeddedMessageStoreTests() : MessageStoreCompliance(new EmbeddedStoreEngine());

public sealed class EmbeddedStatusStoreTests() : StatusStoreCompliance(new EmbeddedStoreEngine());

public sealed class EmbeddedChangeStoreTests() : ChangeStoreCompliance(new EmbeddedStoreEngine());

public sealed class EmbeddedEpochStoreTests() : EpochStoreCompliance(new EmbeddedStoreEngine());

public sealed class EmbeddedParkedStoreTests() : ParkedStoreCompliance(new EmbeddedStoreEngine());

public sealed class EmbeddedHandOverLedgerTests() : HandOverLedgerCompliance(new EmbeddedStoreEngine());

public sealed class EmbeddedErasureTests() : ErasureCompliance(new EmbeddedStoreEngine());

public sealed class EmbeddedProviderIdsTests() : ProviderIdsCompliance(new EmbeddedStoreEngine());

public sealed class EmbeddedRevokedTokenStoreTests() : RevokedTokenStoreCompliance(new EmbeddedStoreEngine());

public sealed class EmbeddedSendLedgerTests() : SendLedgerCompliance(new EmbeddedStoreEngine());

public sealed class EmbeddedHeldMessagesTests() : HeldMessagesCompliance(new EmbeddedStoreEngine());

public sealed class EmbeddedAccountStoreTests() : AccountStoreCompliance(new EmbeddedStoreEngine());

public sealed class EmbeddedContactStoreTests() : ContactStoreCompliance(new EmbeddedStoreEngine());
