using Chat.Core.Store;

namespace Chat.Tests.Compliance;

public sealed class EmbeddedMessageStoreTests : MessageStoreCompliance
{
    private readonly EmbeddedFolder _folder = new();

    protected override ValueTask<IMessageStore> OpenAsync() => ValueTask.FromResult<IMessageStore>(_folder.OpenStore());

    protected override ValueTask CloseAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
