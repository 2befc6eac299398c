namespace Chat.Api.Auth;

/// <summary>What a token may do beside its organization's own: the claim <c>role</c>, one text or an array of them.</summary>
internal static class Roles
{
    public const string Claim = "role";

    /// <summary>Looks after the system: everything under <c>/v1/operations</c>.</summary>
    public const string Operator = "operator";

    /// <summary>Manages its organization's accounts at providers: everything under <c>/v1/accounts</c>.</summary>
    public const string Admin = "admin";

    /// <summary>All that there are.</summary>
    public static IReadOnlyList<string> All { get; } = [Operator, Admin];
}
