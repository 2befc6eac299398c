using Chat.RouterWorker;
using Chat.StatusWorker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Chat.Tests.StatusWorker;

/// <summary>What the workers check of their settings when they start.</summary>
public sealed class WorkerOptionsTests
{
    [Theory]
    [InlineData("RouterWorker:Group", "")]
    [InlineData("RouterWorker:BatchSize", "0")]
    [InlineData("RouterWorker:BatchSize", "100001")]
    [InlineData("StatusWorker:Group", "")]
    [InlineData("StatusWorker:BatchSize", "0")]
    [InlineData("StatusWorker:LogEachUpTo", "-1")]
    [InlineData("StatusWorker:ParkedLifetime", "00:00:00")]
    [InlineData("StatusWorker:ParkedSweepInterval", "00:00:00.5")]
    [InlineData("StatusWorker:ParkedSweepInterval", "30.00:00:01")]
    [InlineData("Audit:Interval", "-00:00:01")]
    [InlineData("Audit:Interval", "30.00:00:01")]
    [InlineData("Audit:Grace", "-00:00:01")]
    public void Setting_when_it_is_out_of_range_stops_the_start_and_is_named(string name, string value)
    {
        var failure = Assert.ThrowsAny<OptionsValidationException>(() => Validate(name, value));
        Assert.Contains(name.Split(':')[1], failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RouterWorker:BatchSize", "1")]
    [InlineData("StatusWorker:LogEachUpTo", "0")]
    [InlineData("StatusWorker:ParkedLifetime", "365.00:00:00")]
    [InlineData("Audit:Interval", "00:00:00")]
    [InlineData("Audit:Interval", "30.00:00:00")]
    public void Setting_when_it_is_in_range_lets_the_worker_start(string name, string value) => Validate(name, value);

    private static void Validate(string name, string value)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection([new(name, value)]);
        builder.AddRouterWorker();
        builder.AddStatusWorker();
        using var host = builder.Build();
        host.Services.GetRequiredService<IStartupValidator>().Validate();
    }
}
