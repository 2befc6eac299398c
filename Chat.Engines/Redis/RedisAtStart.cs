using Chat.Core.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Chat.Engines.Redis;

/// <summary>Says why Redis is not there as long as it never was; nothing waits for it.</summary>
/// <param name="connect">Gives the connection, and may take its time at the first call.</param>
internal sealed partial class RedisAtStart(
    Func<IConnectionMultiplexer> connect, RedisSecurity security, TimeProvider time, ILogger<RedisAtStart> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var retry = new RetryForever(time) { FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(10) };
        await retry.RunAsync<bool>(
            async ct =>
            {
                try
                {
                    await connect().GetDatabase().PingAsync().WaitAsync(ct).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is RedisException or TimeoutException)
                {
                    throw new RedisException(await security.ExplainAsync(exception, ct).ConfigureAwait(false), exception);
                }
                return true;
            },
            (exception, pause) => LogNotReady(exception.Message, pause),
            stoppingToken).ConfigureAwait(false);
    }

    [LoggerMessage(
        EventId = LogEvents.NotReady, Level = LogLevel.Warning, Message = "Redis is not ready ({Reason}); next try in {Pause}")]
    private partial void LogNotReady(string reason, TimeSpan pause);
}
