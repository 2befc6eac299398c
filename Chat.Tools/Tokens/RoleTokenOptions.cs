using System.CommandLine;
using Chat.CommandLine;

namespace Chat.Tools.Tokens;

/// <param name="Role">What it may do: the claim <c>role</c>.</param>
/// <param name="User">Who it is for: what is done with it is recorded under this id.</param>
/// <param name="Organization">Whose user that is; null for a token of no organization.</param>
/// <param name="Lifetime">How long it counts.</param>
/// <param name="Data">The data folder whose key signs it where no setting names one; null for none.</param>
public sealed record RoleTokenOptions(string Role, Guid User, Guid? Organization, TimeSpan Lifetime, string? Data = null)
{
    public const string Operator = "operator";
    public const string Admin = "admin";

    private static readonly TimeSpan Usual = TimeSpan.FromHours(8);

    /// <summary><c>operator-token</c>: of somebody who looks after the system, and belongs to no organization.</summary>
    public static Command CreateOperatorCommand(ToolAction<RoleTokenOptions> run) => Create(
        "operator-token",
        "Prints a token for the operator's view: signed with Jwt:Key, with the claim role of the value operator.",
        Operator,
        "Whose token it is: what an operator does is recorded under this id",
        organization: null,
        run);

    /// <summary><c>admin-token</c>: of somebody who manages an organization's accounts at providers.</summary>
    public static Command CreateAdminCommand(ToolAction<RoleTokenOptions> run)
    {
        var organization = ToolOptions.Id("--organization", "Whose accounts it may manage: the claim tenant_id");
        organization.Required = true;
        return Create(
            "admin-token",
            "Prints a token for an organization's accounts: signed with Jwt:Key, with the claim role of the value admin.",
            Admin,
            "Whose token it is: what an administrator does is recorded under this id",
            organization,
            run);
    }

    private static Command Create(
        string name,
        string description,
        string role,
        string whose,
        Option<Guid?>? organization,
        ToolAction<RoleTokenOptions> run)
    {
        var user = ToolOptions.Id("--user", whose);
        user.Required = true;
        var lifetime = CommandOptions.Duration("--for", "How long it counts, as 30m, 8h or 2d", Usual);
        var data = ToolOptions.DataFolder();
        data.Description = "The data folder of a Chat.Standalone that made its own key. Without it, the settings Jwt:Key, :Issuer and "
            + ":Audience, as for the API";
        var command = new Command(name, description) { user, lifetime, data };
        if (organization is not null) command.Add(organization);
        command.SetAction((parsed, cancellationToken) => run(
            new(
                role,
                parsed.GetValue(user)!.Value,
                organization is null ? null : parsed.GetValue(organization),
                parsed.GetValue(lifetime),
                parsed.GetValue(data)),
            parsed.InvocationConfiguration.Output,
            cancellationToken));
        return command;
    }
}
