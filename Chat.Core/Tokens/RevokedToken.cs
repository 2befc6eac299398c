namespace Chat.Core.Tokens;

/// <summary>A token that counts no more, though it has not expired.</summary>
/// <param name="TokenId">Its claim <c>jti</c>, up to <see cref="MaxIdLength"/> UTF-16 code units.</param>
/// <param name="Until">When it expires by itself.</param>
public sealed record RevokedToken(string TokenId, DateTimeOffset Until)
{
    public const int MaxIdLength = 256;

    /// <summary>Kept for so much longer: a clock that is behind takes a token for some time after it expired, an hour at most.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    public DateTimeOffset KeptUntil => Until + Slack;
}
