using Chat.Tools.DeadLetters;

// One verb a feature; each reads its own arguments.
try
{
    return args switch
    {
        ["dead-letters", .. var rest] => await DeadLetterCommand.RunAsync(rest, Console.Out, CancellationToken.None),
        _ => throw new ArgumentException($"There is no such command.{Environment.NewLine}{DeadLetterOptions.Usage}"),
    };
}
catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 2;
}
