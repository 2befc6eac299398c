using Chat.Tools;
using Chat.Tools.Audit;
using Chat.Tools.DeadLetters;

// One verb a feature; each reads its own arguments.
try
{
    return args switch
    {
        ["audit", .. var rest] => await AuditCommand.RunAsync(rest, Console.Out, CancellationToken.None),
        ["dead-letters", .. var rest] => await DeadLetterCommand.RunAsync(rest, Console.Out, CancellationToken.None),
        _ => throw new ArgumentException(
            $"There is no such command.{Environment.NewLine}{DeadLetterOptions.Usage}{Environment.NewLine}{AuditCommandOptions.Usage}"),
    };
}
catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}
catch (Exception exception) when (EngineFailure.IsOne(exception))
{
    await Console.Error.WriteLineAsync(
        $"An engine could not be reached: {exception.Message.ReplaceLineEndings(" ")}. "
        + "Does it run, and is its ConnectionStrings setting right?");
    return 3;
}
