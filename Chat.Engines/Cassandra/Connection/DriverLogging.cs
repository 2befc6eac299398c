using Cassandra;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chat.Engines.Cassandra.Connection;

/// <summary>
/// Passes the driver's log on. The driver keeps its providers in a static list that only grows, so there is one for the process,
/// which writes to the logger factory that was named last.
/// </summary>
internal sealed class DriverLogging : ILoggerProvider
{
    private static readonly DriverLogging Instance = new();
    private static int s_added;
    private volatile ILoggerFactory _target = NullLoggerFactory.Instance;

    public static void SendTo(ILoggerFactory target)
    {
        Instance._target = target;
        if (Interlocked.Exchange(ref s_added, 1) == 0) Diagnostics.AddLoggerProvider(Instance);
    }

    /// <summary>Called when the factory is about to be disposed of.</summary>
    public static void StopSendingTo(ILoggerFactory target)
    {
        if (ReferenceEquals(Instance._target, target)) Instance._target = NullLoggerFactory.Instance;
    }

    public ILogger CreateLogger(string categoryName) => new Forwarder(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Forwarder(DriverLogging owner, string category) : ILogger
    {
        private (ILoggerFactory Factory, ILogger Logger) _last = (NullLoggerFactory.Instance, NullLogger.Instance);

        private ILogger Target
        {
            get
            {
                var last = _last;
                var factory = owner._target;
                if (!ReferenceEquals(last.Factory, factory)) _last = last = (factory, factory.CreateLogger(category));
                return last.Logger;
            }
        }

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
