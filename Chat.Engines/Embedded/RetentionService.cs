using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Chat.Engines.Embedded;

/// <summary>
/// Deletes what an engine has kept for its time, at regular intervals. Being a hosted service it also opens the engine as the program
/// starts, so that a folder in use is reported then and not at the first message.
/// </summary>
internal sealed partial class RetentionService : BackgroundService
{
    private readonly Func<CancellationToken, Task<long>> _trim;
    private readonly string _what;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="trim">Answers with how many were deleted.</param>
    /// <param name="what">What is deleted, in the plural, for the log.</param>
    public RetentionService(Func<CancellationToken, Task<long>> trim, string what, IServiceProvider services)
    {
        _trim = trim;
        _what = what;
        _interval = services.GetRequiredService<IOptions<EmbeddedOptions>>().Value.RetentionInterval;
        _time = services.GetRequiredService<TimeProvider>();
        _logger = services.GetRequiredService<ILogger<RetentionService>>();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var started = _time.GetTimestamp();
                var trimmed = await _trim(stoppingToken);
                var duration = _time.GetElapsedTime(started);
                if (trimmed > 0) LogTrimmed(trimmed, _what, duration);
            }
#pragma warning disable CA1031 // The next time may go better, and nothing depends on it.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogFailed(exception, _what, _interval);
            }
        }
    }

    [LoggerMessage(
        EventId = LogEvents.RetentionDeleted, Level = LogLevel.Information, Message = "Retention deleted {Count} {What} in {Duration}")]
    private partial void LogTrimmed(long count, string what, TimeSpan duration);

    [LoggerMessage(
        EventId = LogEvents.RetentionFailed,
        Level = LogLevel.Warning,
        Message = "Could not delete old {What}; trying again in {Interval}")]
    private partial void LogFailed(Exception exception, string what, TimeSpan interval);
}
