namespace Chat.Api.Hub.Sockets;

/// <summary>Names connections as the server names its own, 13 characters each: none twice, nor those of a start before.</summary>
internal sealed class ConnectionIds(TimeProvider time)
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
    private const int BitsPerDigit = 5;
    private const int Length = 13;

    private long _last = time.GetUtcNow().UtcTicks;

    public string Next() => string.Create(Length, Interlocked.Increment(ref _last), static (text, id) =>
    {
        for (var i = text.Length - 1; i >= 0; i--, id >>= BitsPerDigit) text[i] = Digits[(int)(id & (Digits.Length - 1))];
    });
}
