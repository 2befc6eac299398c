using System.CommandLine;

namespace Chat.Tools.Conversations;

/// <param name="Data">The embedded engines' folder; null where the settings name the engines.</param>
public sealed record ConversationOptions(Guid Conversation, string? Data = null)
{
    public static Command CreateCommand(ToolAction<ConversationOptions> run) =>
        new("conversation", "What is known of a conversation.") { CreateOwner(run) };

    private static Command CreateOwner(ToolAction<ConversationOptions> run)
    {
        var id = ToolOptions.Id("--conversation", "The conversation's id");
        id.Required = true;
        var data = ToolOptions.DataFolder();
        var command = new Command("owner", "Says which organization a conversation belongs to, since when, and when it was last erased.")
        {
            id, data,
        };
        command.SetAction((parsed, cancellationToken) => run(
            new(parsed.GetValue(id)!.Value, parsed.GetValue(data)), parsed.InvocationConfiguration.Output, cancellationToken));
        return command;
    }
}
