namespace Chat.MetaSimulator.Accounts;

/// <summary>So many at once, and so many a second after that.</summary>
public sealed class Bucket
{
    private readonly double _capacity;
    private readonly double _perSecond;
    private double _level;
    private DateTimeOffset? _at;

    public Bucket(double capacity, double perSecond)
    {
        (_capacity, _perSecond, _level) = (capacity, perSecond, capacity);
    }

    /// <summary>Takes one; false where there is none left.</summary>
    public bool TryTake(DateTimeOffset now)
    {
        var passed = _at is { } last ? Math.Max(0, (now - last).TotalSeconds) : 0;
        _level = Math.Min(_capacity, _level + (passed * _perSecond));
        _at = now;
        if (_level < 1) return false;
        _level--;
        return true;
    }
}
