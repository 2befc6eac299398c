using System.Collections.Frozen;
using Chat.Api.Auth;
using Chat.Api.Auth.Revocation;
using Chat.Core.Bus;
using Chat.Core.Time;
using Chat.Core.Tokens;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Sockets;

/// <summary>
/// Asks the store every <see cref="JwtOptions.RevocationInterval"/>, and soon after the bus hints at it, which tokens were revoked, and
/// closes the sockets that go by one of them. A socket that was about to open, or to take a token over, looks itself at what is known.
/// </summary>
internal sealed partial class RevocationWatch(
    RevokedTokens revoked,
    ConnectionRegistry connections,
    IStatusBus bus,
    TimeProvider time,
    IOptions<JwtOptions> options,
    ILogger<RevocationWatch> logger) : BackgroundService
{
    // Hints are anybody's who reaches the bus: however many come, the store is asked no more often than this.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    private volatile TaskCompletionSource _hint = NewHint();
    private bool _isStoreAway;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        // Not waited for: while the bus is away, the interval alone decides.
        var subscribing = bus.SubscribeAsync(RevocationHint.Channel, _ => _hint.TrySetResult(), stoppingToken).AsTask();
        try
        {
            while (true)
            {
                // One that comes during the look is about something that the look may have missed.
                _hint = NewHint();
                await LookAsync(stoppingToken);
                await PauseAsync(_hint.Task, stoppingToken);
            }
        }
        finally
        {
            await subscribing.WaitQuietlyAsync();
            if (subscribing.IsCompletedSuccessfully) await subscribing.Result.DisposeAsync();
        }
    }

    private static TaskCompletionSource NewHint() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            Close(await revoked.LoadAsync(cancellationToken));
            _isStoreAway = false;
        }
#pragma warning disable CA1031 // Whatever the store throws, what it said before counts until it answers.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            // Once for each outage.
            if (!_isStoreAway) LogUnread(exception);
            _isStoreAway = true;
            Close(revoked.Known);
        }
    }

    private void Close(FrozenSet<string> tokenIds)
    {
        var closed = connections.CloseRevoked(tokenIds);
        if (closed > 0) LogClosed(closed);
    }

    private async Task PauseAsync(Task hint, CancellationToken cancellationToken)
    {
        var interval = options.Value.RevocationInterval;
        var least = interval < ShortestPause ? interval : ShortestPause;
        await Task.Delay(least, time, cancellationToken);
        if (interval == least) return;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var elapsed = Task.Delay(interval - least, time, waiting.Token).WaitQuietlyAsync();
        await Task.WhenAny(hint, elapsed);
        waiting.Cancel();
        cancellationToken.ThrowIfCancellationRequested();
    }

    [LoggerMessage(
        EventId = LogEvents.RevokedSocketsClosed, Level = LogLevel.Information, Message = "Closed {Count} sockets of revoked tokens")]
    private partial void LogClosed(int count);

    [LoggerMessage(
        EventId = LogEvents.RevocationsUnread,
        Level = LogLevel.Warning,
        Message = "Could not read which tokens were revoked: what was known before counts until that can be read again")]
    private partial void LogUnread(Exception exception);
}
