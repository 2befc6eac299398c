namespace Chat.Engines.Kafka.Clients;

/// <summary>
/// Lets a client be disposed of only while no call into it is under way. Confluent.Kafka hands bare pointers to librdkafka: a call
/// beside the disposal uses freed memory, and the operating system ends the process.
/// </summary>
internal sealed class CallGate
{
    private readonly object _lock = new();
    private int _calls;
    private bool _closed;

    /// <summary>
    /// Begins a call, to be ended by <see cref="Exit"/>; false, and nothing to end, where the client is closed or about to be.
    /// </summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_closed) return false;
            _calls++;
            return true;
        }
    }

    public void Exit()
    {
        lock (_lock)
        {
            if (--_calls == 0) Monitor.PulseAll(_lock);
        }
    }

    /// <summary>
    /// Lets nobody in any more, and waits until the last call is over; false where that takes longer. May be called again, and then waits
    /// as well.
    /// </summary>
    public bool Close(TimeSpan longest)
    {
        lock (_lock)
        {
            _closed = true;
            return _calls == 0 || Monitor.Wait(_lock, longest);
        }
    }
}
