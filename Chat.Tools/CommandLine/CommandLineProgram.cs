using System.CommandLine;
using System.CommandLine.Invocation;
using Chat.Core.Text;

namespace Chat.CommandLine;

/// <summary>How every program of this repository runs its command line. The others link this folder's files.</summary>
internal static class CommandLineProgram
{
    /// <summary>The exit code of a command line that is wrong.</summary>
    public const int WrongUsage = 2;

    /// <summary>The exit code of a command that was interrupted before its end: a shell's, for a program that SIGINT has ended.</summary>
    public const int Interrupted = 130;

    // "@name" is a value like any other, not a file to read more arguments from.
    private static readonly ParserConfiguration Parser = new() { ResponseFileTokenReplacer = null };

    /// <summary>What a command that was interrupted failed with, where that says more, to be put behind "interrupted".</summary>
    public static string ReasonOf(Exception exception) =>
        exception is OperationCanceledException ? "" : $" ({exception.Message.ReplaceLineEndings(" ").TrimEnd('.')})";

    /// <summary>
    /// Runs the command that the arguments name. Where they are wrong, writes what is wrong with each and answers
    /// <see cref="WrongUsage"/>; what the command throws is the caller's to report.
    /// </summary>
    /// <param name="output">The console's where null, as is <paramref name="error"/>.</param>
    /// <param name="cancellationToken">
    /// Interrupts the command. Ctrl+C does no such thing by itself: a program that is to end in its own way has <see cref="Interrupts"/>.
    /// </param>
    public static async Task<int> RunAsync(
        RootCommand root,
        string[] args,
        TextWriter? output = null,
        TextWriter? error = null,
        CancellationToken cancellationToken = default)
    {
        var parsed = root.Parse(args, Parser);
        // No signals are listened to, and so there is no deadline for a command that is interrupted: one that starts processes ends them.
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        // Whatever a command prints of what others sent, no terminal obeys it.
        invocation.Output = PrintableWriter.Over(output ?? Console.Out);
        invocation.Error = PrintableWriter.Over(error ?? Console.Error);
        if (parsed.Action is not ParseErrorAction wrong) return await parsed.InvokeAsync(invocation, cancellationToken);
        var command = parsed.CommandResult.Command;
        // The whole help where no command was named; else what is wrong should not scroll away.
        wrong.ShowHelp = command.Subcommands.Count > 0;
        wrong.ShowTypoCorrections = false;
        await parsed.InvokeAsync(invocation, cancellationToken);
        if (!wrong.ShowHelp) await invocation.Error.WriteLineAsync($"For its options: {command.Name} --help");
        return WrongUsage;
    }
}
