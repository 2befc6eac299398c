using Chat.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.ServiceDefaults;

public sealed class GuardedLoggerTests
{
    [Fact]
    public void A_log_that_fails_fails_nothing_else_and_the_other_logs_get_their_line()
    {
        var lines = new List<string>();
        using var failing = new Provider(_ => throw new IOException("disk full"));
        using var working = new Provider(lines.Add);
        using var host = CreateHost(failing, working);

        Write(host, () => "one 1");

        Assert.Equal(["one 1"], lines);
    }

    [Fact]
    public void A_line_that_can_not_be_formatted_fails_nothing()
    {
        using var working = new Provider(_ => { });
        using var host = CreateHost(working);

        Write(host, () => throw new InvalidOperationException());
    }

    private static IHost CreateHost(params Provider[] providers)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        foreach (var provider in providers) builder.Logging.AddProvider(provider);
        builder.AddServiceDefaults();
        return builder.Build();
    }

    private static void Write(IHost host, Func<string> format) =>
        host.Services.GetRequiredService<ILogger<GuardedLoggerTests>>()
            .Log(LogLevel.Information, default, format, null, static (f, _) => f());

    private sealed class Provider(Action<string> write) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            write(formatter(state, exception));

        public void Dispose()
        {
            // Holds nothing.
        }
    }
}
