using System.CommandLine;
using Chat.CommandLine;
using Chat.Engines.Selection;

namespace Chat.Tools;

/// <summary>A command with its options read.</summary>
/// <returns>The exit code.</returns>
public delegate Task<int> ToolAction<in TOptions>(TOptions options, TextWriter output, CancellationToken cancellationToken);

/// <summary>The options that several commands have.</summary>
internal static class ToolOptions
{
    /// <summary>An id, in any of the forms that a GUID is written in.</summary>
    public static Option<Guid?> Id(string name, string description) => CommandOptions.Value<Guid>(
        name, "id", description, "an id, as 123e4567-e89b-12d3-a456-426614174000",
        text => Guid.TryParse(text, out var id) && id != Guid.Empty ? id : null);

    public static Option<string?> DataFolder()
    {
        var option = CommandOptions.Text(
            "--data",
            "folder",
            "The embedded engines' data folder; stop what uses it first. Without it, the settings ConnectionStrings:kafka, :redis and "
            + ":cassandra name the servers, as for every service");
        option.Validators.Add(result =>
        {
            if (result.Tokens is not [var folder]) return;
            if (!Directory.Exists(folder.Value))
                result.AddError($"--data: there is no folder {folder.Value}.");
            // The engines would make their files there, and everything would be as if it had worked.
            else if (!EngineSelection.HasData(folder.Value))
                result.AddError($"--data: the folder {folder.Value} holds no data of Chat.");
        });
        return option;
    }
}
