using System.CommandLine;
using Chat.CommandLine;
using Chat.Core.Log;
using Chat.Core.PutBack;

namespace Chat.Tools.DeadLetters;

/// <param name="PutBack">Puts back instead of listing.</param>
/// <param name="All">Puts all back.</param>
/// <param name="Topic">The topic that the dead letters were put aside from.</param>
/// <param name="Reason">A part of the reason, in any case.</param>
/// <param name="At">One dead letter's location, as the list shows it.</param>
/// <param name="Full">Shows payloads whole.</param>
/// <param name="Data">The embedded engines' folder; null where the settings name the engines.</param>
public sealed record DeadLetterOptions(
    bool PutBack, bool All = false, string? Topic = null, string? Reason = null, string? At = null, bool Full = false, string? Data = null)
{
    public static Command CreateCommand(ToolAction<DeadLetterOptions> run) =>
        new("dead-letters", "Lists the events that were put aside as bad, and puts them back into their topic.")
        {
            CreateList(run),
            CreatePutBack(run),
        };

    public bool Fits(DeadLetter letter) =>
        (Topic is null || letter.Origin == Topic)
        && (Reason is null || letter.Reason.Contains(Reason, StringComparison.OrdinalIgnoreCase))
        && (At is null || letter.Location == At);

    private static Command CreateList(ToolAction<DeadLetterOptions> run)
    {
        var (which, full, data) = (new Choice(), CommandOptions.Flag("--full", "Shows payloads whole"), ToolOptions.DataFolder());
        var command = new Command("list", "Lists the dead letters, with topic, reason and payload.") { full, data };
        which.AddTo(command);
        command.SetAction((parsed, cancellationToken) => run(
            which.Read(parsed, new(PutBack: false, Full: parsed.GetValue(full), Data: parsed.GetValue(data))),
            parsed.InvocationConfiguration.Output,
            cancellationToken));
        return command;
    }

    private static Command CreatePutBack(ToolAction<DeadLetterOptions> run)
    {
        var (which, all, data) = (new Choice(), CommandOptions.Flag("--all", "Puts back all of them"), ToolOptions.DataFolder());
        var command = new Command(
            "put-back", "Appends dead letters to the topic that they came from, each once, and says how many. Needs --all, or which.")
        {
            all, data,
        };
        which.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(all) is { Implicit: false } == which.IsMade(result))
                result.AddError("put-back needs either --all, or which: --topic, --reason or --at.");
        });
        command.SetAction((parsed, cancellationToken) => run(
            which.Read(parsed, new(PutBack: true, All: parsed.GetValue(all), Data: parsed.GetValue(data))),
            parsed.InvocationConfiguration.Output,
            cancellationToken));
        return command;
    }

    /// <summary>The options that say which dead letters are meant.</summary>
    private sealed class Choice
    {
        private readonly Option<string?> _topic = CommandOptions.Text(
            "--topic", "topic", "Only those put aside from this topic, named without .dlq, as messages or msg.status");

        private readonly Option<string?> _reason = CommandOptions.Text(
            "--reason", "text", "Only those whose reason contains this, in any case");

        private readonly Option<string?> _at = CommandOptions.Text(
            "--at", "location", "Only the one that the list shows at this location, as msg.status.dlq[2]:17");

        public Choice() => _topic.Validators.Add(result =>
        {
            if (result.Tokens is [var topic] && !Topics.All.Contains(Topics.DeadLetter(topic.Value)))
                result.AddError($"--topic: there is no {topic.Value}; name a topic without .dlq, as messages or msg.status.");
        });

        public void AddTo(Command command)
        {
            command.Add(_topic);
            command.Add(_reason);
            command.Add(_at);
        }

        public bool IsMade(System.CommandLine.Parsing.CommandResult result) =>
            result.GetResult(_topic) is not null || result.GetResult(_reason) is not null || result.GetResult(_at) is not null;

        public DeadLetterOptions Read(ParseResult parsed, DeadLetterOptions options) => options with
        {
            Topic = parsed.GetValue(_topic),
            Reason = parsed.GetValue(_reason),
            At = parsed.GetValue(_at),
        };
    }
}
