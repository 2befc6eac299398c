using Chat.Tests.Compliance.Store;

namespace Chat.Tests.Compliance;

/// <summary>The store on the server that all tests of this engine share.</summary>
internal sealed class CassandraStoreEngine(CassandraServer server) : IStoreEngine
{
    public async ValueTask<StorePorts> OpenAsync() => StorePorts.From((await server.SharedHostAsync()).Services);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

[Collection(CassandraCollection.Name)]
public sealed class CassandraConversationStoreTests(CassandraServer server) : ConversationStoreCompliance(new CassandraStoreEngine(server));

[Collection(CassandraCollection.Name)]
public sealed class CassandraIdempotencyStoreTests(CassandraServer server) : IdempotencyStoreCompliance(new CassandraStoreEngine(server));

[Collection(CassandraCollection.Name)]
public sealed class CassandraMessageStoreTests(CassandraServer server) : MessageStoreCompliance(new CassandraStoreEngine(server));

[Collection(CassandraCollection.Name)]
public sealed class CassandraStatusStoreTests(CassandraServer server) : StatusStoreCompliance(new CassandraStoreEngine(server));

[Collection(CassandraCollection.Name)]
public sealed class CassandraChangeStoreTests(CassandraServer server) : ChangeStoreCompliance(new CassandraStoreEngine(server));

[Collection(CassandraCollection.Name)]
public sealed class CassandraEpochStoreTests(CassandraServer server) : EpochStoreCompliance(new CassandraStoreEngine(server));

[Collection(CassandraCollection.Name)]
public sealed class CassandraParkedStoreTests(CassandraServer server) : ParkedStoreCompliance(new CassandraStoreEngine(server));

[Collection(CassandraCollection.Name)]
public sealed class CassandraHandOverLedgerTests(CassandraServer server) : HandOverLedgerCompliance(new CassandraStoreEngine(server));

[Collection(CassandraCollection.Name)]
public sealed class CassandraErasureTests(CassandraServer server) : ErasureCompliance(new CassandraStoreEngine(server));

[Collection(CassandraCollection.Name)]
public sealed class CassandraProviderIdsTests(CassandraServer server) : ProviderIdsCompliance(new CassandraStoreEngine(server));

[Collection(CassandraCollection.Name)]
public sealed class CassandraRevokedTokenStoreTests(CassandraServer server) : RevokedTokenStoreCompliance(new CassandraStoreEngine(server));
