namespace Chat.MetaSimulator.Accounts;

/// <summary>A token of an account's.</summary>
/// <param name="ExpiresAt">Null for one that never ends.</param>
public sealed record AccessToken(string Value, DateTimeOffset IssuedAt, DateTimeOffset? ExpiresAt)
{
    public bool IsValid(DateTimeOffset now) => ExpiresAt is not { } end || now < end;
}
