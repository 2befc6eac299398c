using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.Api;

/// <summary>Everything that is logged at whatever level the configuration lets through, with the scopes and values around it.</summary>
internal sealed class CapturedLogs : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider? _scopes;

    public ConcurrentQueue<string> Lines { get; } = new();

    public ConcurrentQueue<CapturedRecord> Records { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        // The lines are read afterwards.
    }

    private sealed class Logger(CapturedLogs owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = $"{category} {formatter(state, exception)} {exception}";
            if (state is IEnumerable<KeyValuePair<string, object?>> values)
                line += string.Concat(values.Select(v => $" {v.Key}={v.Value}"));
            var scopes = new Dictionary<string, object?>();
            owner._scopes?.ForEachScope(
                (scope, _) =>
                {
                    line += $" [{scope}]";
                    foreach (var (name, value) in scope as IEnumerable<KeyValuePair<string, object?>> ?? []) scopes[name] = value;
                },
                state);
            owner.Lines.Enqueue(line);
            owner.Records.Enqueue(new(category, logLevel, eventId, formatter(state, exception), scopes));
        }
    }
}

/// <param name="Scopes">The members of all scopes around it.</param>
internal sealed record CapturedRecord(
    string Category, LogLevel Level, EventId Event, string Message, IReadOnlyDictionary<string, object?> Scopes);
