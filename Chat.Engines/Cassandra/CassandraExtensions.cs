using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Conversations;
using Chat.Core.Engines;
using Chat.Core.Erasure;
using Chat.Core.Idempotency;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Retention;
using Chat.Core.Statuses;
using Chat.Core.Tokens;
using Chat.Engines.Cassandra.Connection;
using Chat.Engines.Cassandra.Tables;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Chat.Engines.Cassandra;

public static class CassandraExtensions
{
    /// <summary>The name of the connection string and of the health check.</summary>
    public const string ConnectionName = "cassandra";

    /// <summary>
    /// Registers the store's ports on the Cassandra that <c>ConnectionStrings:cassandra</c> names
    /// (<c>Contact Points=host1,host2;Port=9042;Default Keyspace=chat</c>, and <c>Username</c> and <c>Password</c> where the
    /// server asks for them). The host starts whether or not the server is up; the connection is made, and the schema brought up
    /// to date, in the background. Which of two values stays is decided by write timestamps that the values themselves give
    /// (<see cref="CellTimes"/>): nothing on the hot path reads before it writes or takes a lightweight transaction. Reads and writes
    /// go at LOCAL_QUORUM, so that what a call wrote is seen by every read after it.
    /// </summary>
    public static IHostApplicationBuilder AddCassandraStore(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<CassandraOptions>()
            .BindConfiguration(CassandraOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddOptions<RetentionOptions>()
            .BindConfiguration(RetentionOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(s => ServerAddress.Parse(
            s.GetRequiredService<IConfiguration>().GetConnectionString(ConnectionName)
            ?? throw new InvalidOperationException($"ConnectionStrings:{ConnectionName} is not set")));
        builder.Services.AddSingleton<CassandraSecurity>();
        builder.Services.AddSingleton(s => s.GetRequiredService<CassandraSecurity>().Describe());
        builder.Services.AddSingleton<CassandraConnection>();
        builder.Services.AddHostedService(s => s.GetRequiredService<CassandraConnection>());
        builder.Services.AddSingleton<FirstStays>();
        builder.Services.AddSingleton<MessageLife>();
        builder.Services.AddSingleton<ChangeTables>();
        builder.Services.AddSingleton<IChangeStore>(s => s.GetRequiredService<ChangeTables>());
        builder.Services.AddSingleton<IConversationStore, ConversationTables>();
        builder.Services.AddSingleton<IIdempotencyStore, IdempotencyTable>();
        builder.Services.AddSingleton<IMessageStore, MessageTables>();
        builder.Services.AddSingleton<IStatusStore, StatusTables>();
        builder.Services.AddSingleton<IEpochStore, EpochTable>();
        builder.Services.AddSingleton<IParkedStore, ParkedTables>();
        builder.Services.AddSingleton<IHandOverLedger, HandOverTable>();
        builder.Services.AddSingleton<IProviderIds, ProviderIdTable>();
        builder.Services.AddSingleton<ISendLedger, SendLedgerTables>();
        builder.Services.AddSingleton<IHeldMessages, HeldMessageTables>();
        builder.Services.AddSingleton<IAccountStore, AccountTable>();
        builder.Services.AddSingleton<IContactStore, ContactTables>();
        builder.Services.AddSingleton<IRevokedTokenStore, RevokedTokenTable>();
        builder.Services.AddSingleton<IErasure, ErasureTables>();
        builder.Services.AddSingleton<IEngineErrors, CassandraErrors>();
        builder.Services.AddSingleton<CassandraHealthCheck>();
        builder.Services.AddHealthChecks().AddCheck<CassandraHealthCheck>(ConnectionName);
        return builder;
    }
}
