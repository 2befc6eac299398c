using System.Text.Json;

namespace Chat.Tests.Api;

/// <summary>What the API's process is started with.</summary>
public sealed class RuntimeSettingsTests
{
    [Fact]
    public async Task Threads_without_work_wait_at_once()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Chat.Api.runtimeconfig.json");
        var settings = JsonElement.Parse(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))
            .GetProperty("runtimeOptions").GetProperty("configProperties");

        Assert.Equal(0, settings.GetProperty("System.Threading.ThreadPool.UnfairSemaphoreSpinLimit").GetInt32());
    }
}
