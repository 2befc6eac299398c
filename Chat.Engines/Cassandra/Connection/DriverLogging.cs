using System.Collections.Concurrent;
using Cassandra;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chat.Engines.Cassandra.Connection;

/// <summary>
/// Passes the driver's log on to the host whose connection a line is about. The driver has one list of providers for the process, which
/// only grows, and no line says which cluster it is about. So the target goes with the execution context, which the driver's timers,
/// sockets and tasks take along.
/// </summary>
internal sealed class DriverLogging(ILoggerFactory target)
{
    private static readonly AsyncLocal<DriverLogging?> Current = new();

    private readonly ConcurrentDictionary<string, ILogger> _loggers = new();
    private volatile bool _stopped;

    static DriverLogging() => Diagnostics.AddLoggerProvider(new Provider());

    /// <summary>Sends to this target what the calling async method, or task, has the driver do from here on.</summary>
    public void Begin()
    {
        if (Current.Value != this) Current.Value = this;
    }

    /// <summary>Called when the target is about to be disposed of.</summary>
    public void Stop() => _stopped = true;

    private ILogger Find(string category) =>
        _stopped ? NullLogger.Instance : _loggers.GetOrAdd(category, static (c, factory) => factory.CreateLogger(c), target);

    private sealed class Provider : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Forwarder(categoryName);

        public void Dispose()
        {
        }
    }

    private sealed class Forwarder(string category) : ILogger
    {
        private ILogger Target => Current.Value?.Find(category) ?? NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => Target.IsEnabled(Quieter(logLevel));

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var (target, level) = (Target, Quieter(logLevel));
            if (target.IsEnabled(level)) target.Log(level, eventId, state, exception, formatter);
        }

        // What the driver tells of every connection is too much beside the application's own lines.
        private static LogLevel Quieter(LogLevel level) => level == LogLevel.Information ? LogLevel.Debug : level;
    }
}
