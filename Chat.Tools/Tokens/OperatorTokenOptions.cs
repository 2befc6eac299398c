using System.CommandLine;
using Chat.CommandLine;

namespace Chat.Tools.Tokens;

/// <param name="User">Who it is for: what is put back is recorded under this id.</param>
/// <param name="Lifetime">How long it counts.</param>
/// <param name="Data">The data folder whose key signs it where no setting names one; null for none.</param>
public sealed record OperatorTokenOptions(Guid User, TimeSpan Lifetime, string? Data = null)
{
    private static readonly TimeSpan Usual = TimeSpan.FromHours(8);

    public static Command CreateCommand(ToolAction<OperatorTokenOptions> run)
    {
        var user = ToolOptions.Id("--user", "Whose token it is: what an operator does is recorded under this id");
        user.Required = true;
        var lifetime = CommandOptions.Duration("--for", "How long it counts, as 30m, 8h or 2d", Usual);
        var data = ToolOptions.DataFolder();
        data.Description = "The data folder of a Chat.Standalone that made its own key. Without it, the settings Jwt:Key, :Issuer and "
            + ":Audience, as for the API";
        var command = new Command(
            "operator-token", "Prints a token for the operator's view: signed with Jwt:Key, with the claim role of the value operator.")
        {
            user, lifetime, data,
        };
        command.SetAction((parsed, cancellationToken) => run(
            new(parsed.GetValue(user)!.Value, parsed.GetValue(lifetime), parsed.GetValue(data)),
            parsed.InvocationConfiguration.Output,
            cancellationToken));
        return command;
    }
}
