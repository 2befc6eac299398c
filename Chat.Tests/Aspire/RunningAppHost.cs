using System.Collections.Concurrent;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Chat.Tests.Aspire;

/// <summary>One run of the AppHost, and the last that was heard of each replica.</summary>
internal sealed class RunningAppHost : IAsyncDisposable
{
    private readonly IDistributedApplicationTestingBuilder _builder;
    private readonly ConcurrentDictionary<string, ResourceEvent> _resources = new();
    private readonly CancellationTokenSource _watching = new();
    private readonly Task _watch;

    private RunningAppHost(IDistributedApplicationTestingBuilder builder, DistributedApplication app)
    {
        _builder = builder;
        App = app;
        _watch = WatchAsync();
    }

    public DistributedApplication App { get; }

    public static async Task<RunningAppHost> StartAsync(string[] args, CancellationToken ct)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Chat_AppHost>(args, ct);
        var running = new RunningAppHost(builder, await builder.BuildAsync(ct));
        await running.App.StartAsync(ct);
        return running;
    }

    /// <summary>Each replica of these resources, in an order that stays.</summary>
    public IReadOnlyList<ResourceEvent> Of(params IEnumerable<string> names) =>
        [.. _resources.Values.Where(r => names.Contains(r.Resource.Name)).OrderBy(r => r.ResourceId, StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        await _watching.CancelAsync();
        await _watch;
        await App.DisposeAsync();
        await _builder.DisposeAsync();
        _watching.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            await foreach (var resource in App.ResourceNotifications.WatchAsync(_watching.Token))
                _resources[resource.ResourceId] = resource;
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
