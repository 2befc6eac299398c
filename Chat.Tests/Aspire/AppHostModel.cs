using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Chat.Core.Channels;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Aspire;

/// <summary>The model of the graph on containers.</summary>
public sealed class ContainersModel() : AppHostModel("--Engines=containers")
{
    public static readonly string[] Services =
        ["chat-api", "router-worker", "status-worker", .. ChannelCatalog.Names.Select(name => $"connector-{name}")];

    public static readonly string[] Servers = ["kafka", "redis", "cassandra"];
}

/// <summary>The model of the embedded graph.</summary>
public sealed class EmbeddedModel() : AppHostModel("--Engines=embedded", "--Embedded:DataFolder=some/folder");

/// <summary>The model of the embedded graph with a customer's phone.</summary>
public sealed class PhoneModel() : AppHostModel("--Engines=embedded", "--Phone=true");

/// <summary>The AppHost's model, built and not started: no container runtime is needed.</summary>
public abstract class AppHostModel(params string[] args) : IAsyncLifetime
{
    private IDistributedApplicationTestingBuilder? _builder;
    private DistributedApplication? _app;

    public DistributedApplicationModel Model => App.Services.GetRequiredService<DistributedApplicationModel>();

    private DistributedApplication App => _app ?? throw new InvalidOperationException("It isn't built yet.");

    public async ValueTask InitializeAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Chat_AppHost>(args, ct);
        _app = await _builder.BuildAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        if (_builder is not null) await _builder.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    public IResource Resource(string name) => Model.Resources.Single(r => r.Name == name);

    /// <summary>A resource's environment as the model has it, before any address is known.</summary>
    public async Task<IReadOnlyDictionary<string, object>> EnvironmentAsync(string name)
    {
        var resource = Resource(name);
        var context = new EnvironmentCallbackContext(
            App.Services.GetRequiredService<DistributedApplicationExecutionContext>(),
            resource,
            cancellationToken: TestContext.Current.CancellationToken);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>()) await annotation.Callback(context);
        return context.EnvironmentVariables;
    }
}
