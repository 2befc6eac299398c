using System.Collections.Concurrent;
using Chat.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Chat.Tests.ServiceDefaults;

public sealed class StopDeadlineTests
{
    [Fact]
    public async Task What_is_still_there_at_the_deadline_is_killed_once_even_where_the_log_hangs_too()
    {
        var (kills, killed) = (new ConcurrentBag<bool>(), new TaskCompletionSource());
        using var hanging = new HangingLog();
        using var logs = LoggerFactory.Create(l => l.AddProvider(hanging));
        using var deadline = new StopDeadline(TimeSpan.FromMilliseconds(20), Kill, logs.CreateLogger<StopDeadline>());

        deadline.Begin();
        deadline.Begin();
        await killed.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.True(hanging.WasAsked);
        Assert.Single(kills);

        void Kill()
        {
            kills.Add(true);
            killed.TrySetResult();
        }
    }

    [Fact]
    public void Every_service_stops_all_at_the_same_time_and_in_less_than_the_ten_seconds_of_a_container_runtime()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.AddServiceDefaults();
        using var host = builder.Build();

        var options = host.Services.GetRequiredService<IOptions<HostOptions>>().Value;
        Assert.True(options.ServicesStopConcurrently);
        Assert.InRange(options.ShutdownTimeout, TimeSpan.FromSeconds(5), Shutdown.Deadline - TimeSpan.FromSeconds(2));
        Assert.InRange(Shutdown.Deadline, options.ShutdownTimeout, TimeSpan.FromSeconds(9.5));
        Assert.IsType<StopDeadline>(host.Services.GetServices<IHostedService>().First());
    }

    private sealed class HangingLog : ILoggerProvider, ILogger
    {
        private readonly ManualResetEventSlim _end = new();

        public bool WasAsked { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            WasAsked = true;
            _end.Wait();
        }

        public void Dispose() => _end.Set();
    }
}
