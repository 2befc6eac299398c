using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Chat.Engines.Embedded;

/// <summary>
/// Sees to an engine's retention now and then. Being a hosted service it also opens the engine as the program starts, so that a
/// folder in use is said then and not at the first message.
/// </summary>
internal sealed partial class RetentionService : BackgroundService
{
    private readonly Func<CancellationToken, Task<long>> _trim;
    private readonly string _what;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="trim">Answers with how many went.</param>
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
                LogFailed(exception, _what);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Retention let go of {Count} {What} in {Duration}")]
    private partial void LogTrimmed(long count, string what, TimeSpan duration);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Retention of {What} failed; it is tried again at its next turn")]
    private partial void LogFailed(Exception exception, string what);
}
