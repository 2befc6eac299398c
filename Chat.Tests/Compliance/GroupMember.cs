using Chat.Core.Log;

namespace Chat.Tests.Compliance;

/// <summary>A member of a consumer group, until it is stopped.</summary>
public sealed class GroupMember : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _consuming;

    public GroupMember(IEventLog log, ConsumerGroup group, PartitionProcessor process) =>
        _consuming = Task.Run(() => log.ConsumeAsync(group, process, _stop.Token));

    /// <summary>Whether the member has left the group.</summary>
    public bool Ended => _consuming.IsCompleted;

    /// <summary>Asks the member to leave, and does not wait for it.</summary>
    public void Leave() => _stop.Cancel();

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        using var deadline = new Deadline();
        try
        {
            await _consuming.WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!deadline.Token.IsCancellationRequested)
        {
            // An engine may end a cancelled consumption either way.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }
}
