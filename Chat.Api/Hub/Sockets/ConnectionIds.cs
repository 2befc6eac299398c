namespace Chat.Api.Hub.Sockets;

/// <summary>Names connections in 13 characters, as the server names its own: none as one of those, or of a start before.</summary>
internal sealed class ConnectionIds(TimeProvider time)
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
    private const int BitsPerDigit = 5;
    private const int Length = 13;

    // The server counts from the time as well, but without this bit.
    private long _last = time.GetUtcNow().UtcTicks | 1L << 62;

    public string Next() => string.Create(Length, Interlocked.Increment(ref _last), static (text, id) =>
    {
        for (var i = text.Length - 1; i >= 0; i--, id >>= BitsPerDigit) text[i] = Digits[(int)(id & (Digits.Length - 1))];
    });
}
