namespace Chat.Api.Auth;

/// <summary>The user of a valid token.</summary>
/// <param name="UserId">The claim <c>sub</c>, or <c>nameid</c>.</param>
/// <param name="OrganizationId">The claim <c>tenant_id</c>; null where the token has none.</param>
/// <param name="ExpiresAt">The claim <c>exp</c>, which every token must have; UTC.</param>
/// <param name="TokenId">The claim <c>jti</c>, by which a token can be revoked; null where the token has none.</param>
/// <param name="IsOperator">Whether the claim <c>role</c> is, or holds, <c>operator</c>: it may look after the system.</param>
/// <param name="IsAdmin">Whether <c>role</c> is, or holds, <c>admin</c>: it may manage its organization's accounts.</param>
public sealed record ChatUser(
    Guid UserId, Guid? OrganizationId, DateTimeOffset ExpiresAt, string? TokenId = null, bool IsOperator = false, bool IsAdmin = false);
