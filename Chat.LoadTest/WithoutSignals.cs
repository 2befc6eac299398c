using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Chat.LoadTest;

/// <summary>
/// The lifetime of a host within this program. The one that hosts have by themselves takes SIGINT and SIGTERM for its own each time, so
/// that the second one would not end the program either.
/// </summary>
internal sealed class WithoutSignals : IHostLifetime
{
    public static void Use(IServiceCollection services) => services.AddSingleton<IHostLifetime, WithoutSignals>();

    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
