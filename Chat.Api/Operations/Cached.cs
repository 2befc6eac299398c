namespace Chat.Api.Operations;

/// <summary>
/// Something that takes the engines a while to say: read again when it is asked for and older than <paramref name="age"/>, once for all who
/// ask meanwhile.
/// </summary>
/// <param name="read">Bounds its time itself: no single caller's end may cancel it for the others.</param>
internal sealed class Cached<T>(Func<Task<T>> read, TimeSpan age, TimeProvider time)
{
    private readonly Lock _gate = new();
    private Task<T>? _value;
    private long _readAt;

    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_value is null || (_value.IsCompleted && (!_value.IsCompletedSuccessfully || time.GetElapsedTime(_readAt) >= age)))
            {
                _readAt = time.GetTimestamp();
                _value = read();
            }
            return _value.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Has the next who asks read it again.</summary>
    public void Forget()
    {
        lock (_gate) _value = null;
    }
}
