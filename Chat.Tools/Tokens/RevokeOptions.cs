using System.CommandLine;
using Chat.CommandLine;
using Chat.Core.Tokens;

namespace Chat.Tools.Tokens;

/// <param name="TokenId">The token's claim <c>jti</c>.</param>
/// <param name="Until">When it expires by itself.</param>
/// <param name="Data">The embedded engines' folder; null where the settings name the engines.</param>
public sealed record RevokeOptions(string TokenId, DateTimeOffset Until, string? Data = null)
{
    public static Command CreateCommand(ToolAction<RevokeOptions> run)
    {
        var id = CommandOptions.RequiredText("--token-id", "id", "The token's id, its claim jti. A token without one can't be revoked");
        id.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value.Length: 0 or > RevokedToken.MaxIdLength }])
                result.AddError($"--token-id: an id has 1 to {RevokedToken.MaxIdLength} characters.");
        });
        var until = CommandOptions.Time("--until", "When the token expires by itself, its claim exp, or later: so long it is remembered");
        until.Required = true;
        var data = ToolOptions.DataFolder();
        var command = new Command(
            "revoke", "Revokes a token: requests with it are answered 401 and its sockets are closed, on all instances within seconds.")
        {
            id, until, data,
        };
        command.SetAction((parsed, cancellationToken) => run(
            new(parsed.GetRequiredValue(id), parsed.GetRequiredValue(until)!.Value, parsed.GetValue(data)),
            parsed.InvocationConfiguration.Output,
            cancellationToken));
        return command;
    }
}
