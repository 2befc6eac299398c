using System.Buffers.Text;
using System.Text.Json;

namespace Chat.Client.Connections;

/// <summary>Where tokens come from, and the last one that came.</summary>
internal sealed class TokenSource(
    Func<CancellationToken, Task<string>> provider, bool isRenewable, TimeSpan timeout, TimeProvider time)
{
    public bool IsRenewable => isRenewable;

    public string? Current { get; private set; }

    /// <summary>A token, fresh where there can be one.</summary>
    /// <exception cref="TimeoutException">None came in time, whether or not the provider heeds its cancellation.</exception>
    public async Task<string> FetchAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var token = await provider(either.Token).WaitAsync(either.Token);
            if (string.IsNullOrWhiteSpace(token)) throw new InvalidOperationException("the function gave none");
            return Current = token;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"the function gave none within {timeout.TotalSeconds:0.#} s");
        }
    }

    /// <summary>When a JWT ends, as it says itself, unverified; null where it can't be read.</summary>
    public static DateTimeOffset? ReadExpiry(string token)
    {
        try
        {
            var payload = Base64Url.DecodeFromChars(token.Split('.')[1]);
            using var claims = JsonDocument.Parse(payload);
            return claims.RootElement.TryGetProperty("exp", out var exp) && exp.TryGetDouble(out var seconds)
                ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
                : null;
        }
        catch (Exception exception) when (exception
            is FormatException or JsonException or InvalidOperationException or IndexOutOfRangeException
            or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
