using System.CommandLine;
using Chat.CommandLine;
using Chat.Core.Text;
using Chat.Tools.Audit;
using Chat.Tools.Conversations;
using Chat.Tools.DeadLetters;
using Chat.Tools.Erasure;
using Chat.Tools.Mutation;
using Chat.Tools.Tokens;
using Microsoft.Extensions.Options;

namespace Chat.Tools;

/// <summary>The commands for those who run Chat or change it; each reads its own options.</summary>
public static class ToolProgram
{
    private const int EngineUnreachable = 3;

    /// <param name="output">The console's where null, as is <paramref name="error"/>.</param>
    public static Task<int> RunAsync(string[] args, TextWriter? output = null, TextWriter? error = null) =>
        RunUntilAsync(args, output, error, CancellationToken.None);

    /// <param name="interrupt">As Ctrl+C does.</param>
    /// <returns>
    /// The exit code: 0 for success, 1 for a finding, 2 for wrong usage, 3 where an engine can't be reached, 130 where it was interrupted.
    /// </returns>
    public static async Task<int> RunUntilAsync(string[] args, TextWriter? output, TextWriter? error, CancellationToken interrupt)
    {
        error = PrintableWriter.Over(error ?? Console.Error);
        try
        {
            return await CommandLineProgram.RunAsync(CreateRoot(), args, output, error, interrupt);
        }
#pragma warning disable CA1031 // Whatever an engine or a process that is ended throws, that is why.
        catch (Exception exception) when (interrupt.IsCancellationRequested)
#pragma warning restore CA1031
        {
            await error.WriteLineAsync($"Interrupted{CommandLineProgram.ReasonOf(exception)}.");
            return CommandLineProgram.Interrupted;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            await error.WriteLineAsync(exception.Message);
            return CommandLineProgram.WrongUsage;
        }
        catch (OptionsValidationException exception)
        {
            foreach (var failure in exception.Failures.Distinct()) await error.WriteLineAsync(failure);
            return CommandLineProgram.WrongUsage;
        }
        catch (EngineFailureException exception)
        {
            await error.WriteLineAsync(
                $"An engine could not be reached: {exception.Message.ReplaceLineEndings(" ")}. "
                + "Does it run, and is its ConnectionStrings setting right?");
            return EngineUnreachable;
        }
    }

    private static RootCommand CreateRoot() => new(
        "Commands for those who run Chat or change it. Exit code: 0 for success, 1 for a finding, 2 for wrong usage, 3 where an engine "
        + "can't be reached, 130 where Ctrl+C or SIGTERM has interrupted it; another one, a second later or more, ends it at once.")
    {
        DeadLetterOptions.CreateCommand(DeadLetterCommand.RunAsync),
        AuditCommandOptions.CreateCommand(AuditCommand.RunAsync),
        RevokeOptions.CreateCommand(RevokeCommand.RunAsync),
        RoleTokenOptions.CreateOperatorCommand(RoleTokenCommand.RunAsync),
        RoleTokenOptions.CreateAdminCommand(RoleTokenCommand.RunAsync),
        EraseOptions.CreateCommand(EraseCommand.RunAsync),
        ConversationOptions.CreateCommand(ConversationCommand.RunAsync),
        MutationOptions.CreateCommand(MutationCommand.RunAsync),
    };
}
