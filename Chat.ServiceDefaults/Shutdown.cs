using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Chat.ServiceDefaults;

/// <summary>
/// How a service stops. Container runtimes kill 10 s after SIGTERM: by then everything is handed over, or given up, whatever hangs.
/// </summary>
internal static class Shutdown
{
    /// <summary>
    /// Consumers hand their partitions over, sockets are closed and requests are finished, all at the same time and at most for this
    /// long; then connections are cut: a request that somebody sent half of would hold up all the rest.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    /// <summary>After this the process ends, whether or not everything is disposed of.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(9);

    public static void AddShutdown(this IHostApplicationBuilder builder)
    {
        builder.Services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = Patience;
            // One after another, the web server would come first and leave the consumers no time.
            host.ServicesStopConcurrently = true;
        });
        // Before all others: it is there while they are still being made.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, StopDeadline>());
    }
}
