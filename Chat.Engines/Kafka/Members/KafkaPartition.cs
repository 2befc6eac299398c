using Chat.Core.Log;
using Microsoft.Extensions.Logging;

namespace Chat.Engines.Kafka.Members;

/// <summary>
/// One partition while it belongs to this member: its events, the call that processes them, and how far that call has come.
/// </summary>
#pragma warning disable CA1001 // A token source without a timer holds nothing to dispose of, and calls may outlive their partition.
internal sealed partial class KafkaPartition : IPartitionConsumer
#pragma warning restore CA1001
{
    private readonly IPartitionOwner _owner;
    private readonly PartitionBuffer _buffer = new();
    private readonly CancellationTokenSource _revoked = new();
    private readonly Lock _lock = new();
    private readonly ILogger _logger;
    private long _first = -1;
    private long _next = -1;
    private long _done = -1;
    private bool _lost;

    public KafkaPartition(IPartitionOwner owner, TopicPartition partition, ILogger logger)
    {
        _owner = owner;
        _logger = logger;
        Partition = partition;
    }

    public TopicPartition Partition { get; }

    public int Number => Partition.Partition;

    /// <summary>Completes when the call has ended for good.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Whether fetching pauses, for the member's thread.</summary>
    public bool Paused { get; set; }

    /// <summary>The offset of the last event that came, for the member's thread.</summary>
    public long LastFetched { get; private set; } = -1;

    /// <summary>Where a call that is made again has to start; -1 where what it needs is still in the buffer.</summary>
    public long RestartAt
    {
        get
        {
            lock (_lock)
            {
                var from = _done >= 0 ? _done : _first;
                return _next > from ? from : -1;
            }
        }
    }

    public (int Events, long Bytes) Buffered => _buffer.Size;

    public void Start(PartitionProcessor process, TimeSpan retryPause, TimeProvider time, Task before) =>
        Ended = Task.Run(() => RunAsync(process, retryPause, time, before));

    /// <summary>Asks the call to end.</summary>
    public void Cancel()
    {
        // Its continuations are the processor's own code and not the polling thread's work.
        _ = _revoked.CancelAsync();
    }

    /// <summary>From now on commits change nothing; answers with the last one, or -1 where there is none to be made.</summary>
    public long StopCommits()
    {
        lock (_lock)
        {
            if (_lost) return -1;
            _lost = true;
            return _done;
        }
    }

    public void Add(LogEvent added)
    {
        LastFetched = added.Offset;
        _buffer.Add(added);
    }

    public void Announce() => _buffer.Announce();

    /// <summary>Throws away what was fetched, since the member fetches it again.</summary>
    public void Rewind(long offset)
    {
        _buffer.Clear();
        LastFetched = offset - 1;
        lock (_lock) _next = offset;
    }

    public async ValueTask<IReadOnlyList<LogEvent>> ReadAsync(int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        var events = await _buffer.TakeAsync(max, cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            if (_first < 0) _first = events[0].Offset;
            _next = events[^1].Offset + 1;
        }
        return events;
    }

    public ValueTask CommitAsync(long nextOffset, CancellationToken cancellationToken)
    {
        // Under the lock: what the member commits at a revocation is the last that was stored before.
        lock (_lock)
        {
            if (_lost || nextOffset <= _done) return ValueTask.CompletedTask;
            _done = nextOffset;
            _owner.StoreOffset(this, nextOffset);
        }
        return ValueTask.CompletedTask;
    }

    private async Task RunAsync(PartitionProcessor process, TimeSpan retryPause, TimeProvider time, Task before)
    {
        var revoked = _revoked.Token;
        // An owner before this one, in this process, that did not end in time.
        await before.ConfigureAwait(false);
        while (!revoked.IsCancellationRequested)
        {
            try
            {
                await process(this, revoked).ConfigureAwait(false);
                if (revoked.IsCancellationRequested) return;
                LogReturned(Partition);
            }
            catch (OperationCanceledException) when (revoked.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it throws, processing continues from the last commit.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogThrew(exception, Partition, retryPause);
            }
            finally
            {
                _buffer.Interrupt();
            }
            await RewindAsync(retryPause, time, revoked).ConfigureAwait(false);
        }
    }

    private async Task RewindAsync(TimeSpan retryPause, TimeProvider time, CancellationToken revoked)
    {
        while (!revoked.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(retryPause, time, revoked).ConfigureAwait(false);
                await _owner.RewindAsync(this).WaitAsync(revoked).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (revoked.IsCancellationRequested)
            {
                return;
            }
            catch (Confluent.Kafka.KafkaException exception)
            {
                LogThrew(exception, Partition, retryPause);
            }
        }
    }

    [LoggerMessage(
        EventId = LogEvents.ProcessingFailed,
        Level = LogLevel.Error,
        Message = "Processing {Partition} failed; it starts again from its last commit in {Pause}")]
    private partial void LogThrew(Exception exception, TopicPartition partition, TimeSpan pause);

    [LoggerMessage(
        EventId = LogEvents.ProcessingReturned,
        Level = LogLevel.Error,
        Message = "Processing {Partition} returned without being cancelled; it starts again from its last commit")]
    private partial void LogReturned(TopicPartition partition);
}
