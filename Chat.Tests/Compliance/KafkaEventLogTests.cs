using Chat.Core.Log;
using Chat.Engines.Kafka;
using Chat.Tests.Api;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.Compliance;

public sealed partial class KafkaEventLogTests(KafkaServer kafka) : EventLogCompliance, IClassFixture<KafkaServer>
{
    private readonly List<IHost> _hosts = [];
    private readonly CapturedLogs _logs = new();

    protected override ValueTask<IEventLog> OpenAsync() => ValueTask.FromResult(Open(Address()));

    protected override async ValueTask CloseAsync()
    {
        foreach (var host in _hosts) await ((IAsyncDisposable)host).DisposeAsync();
    }

    private string Address()
    {
        Assert.SkipWhen(
            kafka.Address is null,
            $"No Kafka: set ConnectionStrings__kafka, or {KafkaServer.RunVariable} to a program that runs a broker.");
        return kafka.Address;
    }

    /// <summary>A log with connections of its own, as another process has it.</summary>
    private IEventLog Open(string address, params (string Name, string Value)[] settings) =>
        OpenHost(address, settings).Services.GetRequiredService<IEventLog>();

    private IHost OpenHost(string address, params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddProvider(_logs);
        builder.Configuration.AddInMemoryCollection(
            settings.Append(("ConnectionStrings:kafka", address)).ToDictionary(s => s.Item1, s => (string?)s.Item2));
        builder.AddKafkaEventLog();
        var host = builder.Build();
        _hosts.Add(host);
        return host;
    }
}
