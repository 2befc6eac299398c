namespace Chat.Tests.Compliance;

/// <summary>
/// How long a test waits for what must come: long enough for a broker to rebalance, and over at once where the test run is cancelled.
/// </summary>
public sealed class Deadline : IDisposable
{
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;

    public Deadline()
        : this(Length)
    {
    }

    public Deadline(TimeSpan length)
    {
        _timer = new(length);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, TestContext.Current.CancellationToken);
    }

    public CancellationToken Token => _either.Token;

    public bool Passed => _timer.IsCancellationRequested;

    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}
