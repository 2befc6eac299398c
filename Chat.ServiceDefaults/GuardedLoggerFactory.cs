using Chat.Core.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Chat.ServiceDefaults;

/// <summary>
/// Makes loggers that never throw. A line that can't be formatted, a full disk or a closed pipe is the log's failure and nothing
/// else's: thrown into a worker's batch, it would be tried for ever. What they print is printable, whatever a message or an exception
/// repeats of what others sent: a terminal would obey it.
/// </summary>
internal sealed class GuardedLoggerFactory(ILoggerFactory inner) : ILoggerFactory
{
    // Its scope of a connection lasts as long as the connection, at 200 bytes for each open socket. It says the connection's id, with
    // which the id in each request's own scope begins.
    private const string WithoutScopes = "Microsoft.AspNetCore.Server.Kestrel";

    public static void AddTo(IServiceCollection services) =>
        services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(provider => new GuardedLoggerFactory(new LoggerFactory(
            provider.GetServices<ILoggerProvider>(),
            provider.GetRequiredService<IOptionsMonitor<LoggerFilterOptions>>(),
            provider.GetService<IOptions<LoggerFactoryOptions>>(),
            provider.GetService<IExternalScopeProvider>()))));

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public ILogger CreateLogger(string categoryName) =>
        new GuardedLogger(inner.CreateLogger(categoryName), hasScopes: categoryName != WithoutScopes);

    public void Dispose() => inner.Dispose();

    private sealed class GuardedLogger(ILogger inner, bool hasScopes) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => hasScopes ? inner.BeginScope(state) : null;

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            try
            {
                if (!inner.IsEnabled(logLevel)) return;
                inner.Log(logLevel, eventId, state, PrintableException.Of(exception), (s, e) => Printable.Lines(formatter(s, e)));
            }
#pragma warning disable CA1031 // Whatever a log does wrong is nobody else's failure, and there is no log to say so in.
            catch (Exception)
#pragma warning restore CA1031
            {
                LogFailures.Count();
            }
        }
    }
}
