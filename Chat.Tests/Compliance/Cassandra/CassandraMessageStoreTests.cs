using Chat.Core.Store;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Compliance;

[Collection(CassandraCollection.Name)]
public sealed class CassandraMessageStoreTests(CassandraServer server) : MessageStoreCompliance
{
    protected override async ValueTask<IMessageStore> OpenAsync() =>
        (await server.SharedHostAsync()).Services.GetRequiredService<IMessageStore>();
}
