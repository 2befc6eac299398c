using Chat.Core.Log;

namespace Chat.Tests.Compliance;

public sealed class EmbeddedEventLogTests : EventLogCompliance
{
    private readonly EmbeddedFolder _folder = new();

    protected override ValueTask<IEventLog> OpenAsync() => ValueTask.FromResult<IEventLog>(_folder.OpenLog());

    protected override ValueTask CloseAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
