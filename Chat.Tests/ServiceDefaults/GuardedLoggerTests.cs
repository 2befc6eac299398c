using Chat.ServiceDefaults;
using Chat.Tests.Text;
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

    [Fact]
    public void What_a_terminal_obeys_reaches_no_log_by_a_message_or_by_an_exception()
    {
        var lines = new List<string>();
        using var working = new Provider(lines.Add);
        using var host = CreateHost(working);
        var evil = string.Concat(PrintableWriterTests.Obeyed);
        // Nothing that a terminal obeys, and still more than plain characters.
        var plain = new IOException("plain \U0001F600");

        Write(host, () => $"one {evil}\n1", new InvalidOperationException($"two {evil}", new IOException($"three {evil}")));
        Write(host, () => "four", plain);

        Assert.Equal(4, lines.Count);
        Assert.Empty(string.Concat(lines).Intersect(PrintableWriterTests.Obeyed));
        foreach (var part in new[] { "one ", "two ", "three ", "\n1", nameof(InvalidOperationException), nameof(IOException) })
            Assert.Contains(part, lines[0] + lines[1], StringComparison.Ordinal);
        Assert.Same(plain, working.Exceptions[^1]);
    }

    [Theory]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", false)]
    [InlineData("Microsoft.AspNetCore.Hosting.Diagnostics", true)]
    public void Of_scopes_only_the_one_of_a_connection_is_left_out(string category, bool isKept)
    {
        using var working = new Provider(_ => { });
        using var host = CreateHost(working);

        using var scope = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category).BeginScope("scope");

        Assert.Equal(isKept, scope is not null);
    }

    private static IHost CreateHost(params Provider[] providers)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        foreach (var provider in providers) builder.Logging.AddProvider(provider);
        builder.AddServiceDefaults();
        return builder.Build();
    }

    private static void Write(IHost host, Func<string> format, Exception? exception = null) =>
        host.Services.GetRequiredService<ILogger<GuardedLoggerTests>>()
            .Log(LogLevel.Information, default, format, exception, static (f, _) => f());

    private sealed class Provider(Action<string> write) : ILoggerProvider, ILogger
    {
        public List<Exception> Exceptions { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => this;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            write(formatter(state, exception));
            if (exception is null) return;
            Exceptions.Add(exception);
            write(exception.ToString());
        }

        public void Dispose()
        {
            // Holds nothing.
        }
    }
}
