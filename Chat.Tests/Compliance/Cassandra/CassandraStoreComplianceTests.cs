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
public sealed class CassandraErasureTests(CassandraServer server) : ErasureCompliance(new CassandraStoreEngine(server))
{
    [Fact]
    public async Task Run_that_fails_anywhere_is_completed_by_one_that_knows_nothing_of_it()
    {
        var time = new FailingTime();
        var failing = StorePorts.From((await server.StartHostAsync(server.SharedKeyspace, time)).Services);
        await failing.Changes.GetHeadsAsync([], Cancellation);
        bool failed;
        var requests = 0;
        do
        {
            var (first, second) = (await FillAsync(Guid.NewGuid()), await FillAsync(Guid.NewGuid()));
            var scope = await ScopeAsync(first.Id, second.Id);
            time.FailAfter(requests++);
            failed = await Xunit.Record.ExceptionAsync(
                async () => await failing.Erasure.EraseAsync(scope, dryRun: false, Cancellation)) is not null;
            time.FailAfter(null);

            await Store.Erasure.EraseAsync(await ScopeAsync(first.Id, second.Id), dryRun: false, Cancellation);
            await AssertGoneAsync(first);
            await AssertGoneAsync(second);
        }
        while (failed);
        Assert.InRange(requests, 30, int.MaxValue);
    }

    /// <summary>Each request has a timer: the one after a count of them has none, and is sent without its answer being heard.</summary>
    private sealed class FailingTime : TimeProvider
    {
        private int _left = int.MaxValue;

        public void FailAfter(int? requests) => Volatile.Write(ref _left, requests ?? int.MaxValue);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            Volatile.Read(ref _left) == int.MaxValue || Interlocked.Decrement(ref _left) >= 0
                ? base.CreateTimer(callback, state, dueTime, period)
                : throw new IOException("The power went out");
    }
}

[Collection(CassandraCollection.Name)]
public sealed class CassandraProviderIdsTests(CassandraServer server) : ProviderIdsCompliance(new CassandraStoreEngine(server));

[Collection(CassandraCollection.Name)]
public sealed class CassandraRevokedTokenStoreTests(CassandraServer server) : RevokedTokenStoreCompliance(new CassandraStoreEngine(server));

[Collection(CassandraCollection.Name)]
public sealed class CassandraSendLedgerTests(CassandraServer server) : SendLedgerCompliance(new CassandraStoreEngine(server));

[Collection(CassandraCollection.Name)]
public sealed class CassandraHeldMessagesTests(CassandraServer server) : HeldMessagesCompliance(new CassandraStoreEngine(server));

[Collection(CassandraCollection.Name)]
public sealed class CassandraAccountStoreTests(CassandraServer server) : AccountStoreCompliance(new CassandraStoreEngine(server));

[Collection(CassandraCollection.Name)]
public sealed class CassandraContactStoreTests(CassandraServer server) : ContactStoreCompliance(new CassandraStoreEngine(server));
