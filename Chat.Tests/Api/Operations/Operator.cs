using Chat.Api.Auth;

namespace Chat.Tests.Api.Operations;

/// <summary>Somebody who looks after the system, of no organization.</summary>
internal static class Operator
{
    public static readonly Guid User = Guid.Parse("0be7a704-0000-4000-8000-000000000001");

    public static string Token => ApiHost.Token(User, organization: null, role: Roles.Operator);
}
