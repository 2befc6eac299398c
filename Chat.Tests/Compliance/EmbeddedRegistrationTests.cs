using Chat.Core;
using Chat.Core.Bus;
using Chat.Core.Log;
using Chat.Core.Statuses;
using Chat.Engines.Embedded;
using Chat.Engines.Selection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Compliance;

public sealed class EmbeddedRegistrationTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"chat-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_path)) Directory.Delete(_path, recursive: true);
    }

    [Fact]
    public async Task With_a_data_folder_the_three_ports_are_there_and_work()
    {
        using var host = Build(new() { [EmbeddedOptions.DataFolderSetting] = _path });
        await host.StartAsync(Cancellation);

        await host.Services.GetRequiredService<IEventLog>().AppendAsync(new NewEvent("t", "k", "{}"u8.ToArray()), Cancellation);
        Assert.Empty(await host.Services.GetRequiredService<IChangeStore>().GetHeadsAsync([Guid.NewGuid()], Cancellation));
        await host.Services.GetRequiredService<IStatusBus>().PublishAsync([], Cancellation);

        await host.StopAsync(Cancellation);
    }

    [Fact]
    public void With_neither_server_nor_folder_the_start_fails_naming_both_settings()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Build([]));

        Assert.Contains(EmbeddedOptions.DataFolderSetting, error.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:kafka", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("6.23:59:59", "Retention:Messages (6.23:59:59) is shorter than Retention:Changes (7.00:00:00)")]
    [InlineData("00:00:01", "Messages")]
    public async Task Messages_that_are_to_go_before_their_changes_are_refused_at_the_start(string kept, string named)
    {
        using var host = Build(new() { [EmbeddedOptions.DataFolderSetting] = _path, ["Retention:Messages"] = kept });

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_process_on_the_same_folder_is_refused()
    {
        using var first = Build(new() { [EmbeddedOptions.DataFolderSetting] = _path });
        await first.StartAsync(Cancellation);
        // The lock is the operating system's, of the open file: another host is to it what another process is.
        using (var second = Build(new() { [EmbeddedOptions.DataFolderSetting] = _path }))
        {
            var error = await Assert.ThrowsAsync<StartUpException>(() => second.StartAsync(Cancellation));
            Assert.Contains(_path, error.Message, StringComparison.Ordinal);
            Assert.Contains(EmbeddedOptions.DataFolderSetting, error.Message, StringComparison.Ordinal);
            Assert.Contains("in use by another process", error.Message, StringComparison.Ordinal);
        }
        await first.StopAsync(Cancellation);
        first.Dispose();

        using var third = Build(new() { [EmbeddedOptions.DataFolderSetting] = _path });
        await third.StartAsync(Cancellation);
        await third.StopAsync(Cancellation);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static IHost Build(Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddChatEngines();
        return builder.Build();
    }
}
