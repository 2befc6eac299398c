using System.CommandLine;
using Chat.CommandLine;

namespace Chat.Tools.Erasure;

/// <param name="Conversation">What to erase; null where <paramref name="Recipient"/> says it.</param>
/// <param name="Recipient">A person's address on a channel, as messages have it.</param>
/// <param name="DryRun">Counts and removes nothing.</param>
/// <param name="Data">The embedded engines' folder; null where the settings name the engines.</param>
public sealed record EraseOptions(Guid Organization, Guid? Conversation, string? Recipient, bool DryRun = false, string? Data = null)
{
    public static Command CreateCommand(ToolAction<EraseOptions> run)
    {
        var organization = ToolOptions.Id("--organization", "The organization whose conversations are meant");
        organization.Required = true;
        var conversation = ToolOptions.Id("--conversation", "Erases this conversation");
        var recipient = CommandOptions.Text(
            "--recipient",
            "address",
            "Erases every conversation in which a message goes to this address (a phone number, an Instagram id), as it was posted");
        var dryRun = CommandOptions.Flag("--dry-run", "Counts what there is, and removes nothing");
        var data = ToolOptions.DataFolder();
        var command = new Command(
            "erase",
            "Removes a person's messages from the store, with all that belongs to them, and from the log where that can. Says what it "
            + "removed, and what the log still holds until when. It can't be undone. Running it again is fine.")
        {
            organization, conversation, recipient, dryRun, data,
        };
        command.Validators.Add(result =>
        {
            if ((result.GetResult(conversation) is null) == (result.GetResult(recipient) is null))
                result.AddError("erase needs either --conversation or --recipient.");
        });
        command.SetAction((parsed, cancellationToken) => run(
            new(
                parsed.GetValue(organization)!.Value,
                parsed.GetValue(conversation),
                parsed.GetValue(recipient),
                parsed.GetValue(dryRun),
                parsed.GetValue(data)),
            parsed.InvocationConfiguration.Output,
            cancellationToken));
        return command;
    }
}
