using System.CommandLine;
using System.CommandLine.Parsing;
using Chat.CommandLine;
using Chat.Core.Audit;

namespace Chat.Tools.Audit;

/// <param name="Last">How far back from now, where <paramref name="From"/> is not given.</param>
/// <param name="Grace">Younger events are in flight.</param>
/// <param name="Data">The embedded engines' folder; null where the settings name the engines.</param>
public sealed record AuditCommandOptions(
    TimeSpan Last, DateTimeOffset? From, DateTimeOffset? To, TimeSpan Grace, string? Data)
{
    public static Command CreateCommand(ToolAction<AuditCommandOptions> run)
    {
        var last = CommandOptions.Duration(
            "--last", "How far back from now, as 90s, 30m, 1h or 2d. Not together with --from and --to", TimeSpan.FromHours(1));
        var from = CommandOptions.Time("--from", "The window's beginning, ISO 8601, UTC where it names no offset; needs --to");
        var to = CommandOptions.Time("--to", "The window's end; needs --from");
        var grace = CommandOptions.Duration(
            "--grace", "Events younger than this are in flight, and not missing", AuditWindow.Grace, mayBeZero: true);
        var data = ToolOptions.DataFolder();
        var command = new Command(
            "audit",
            "Compares what msg.status acknowledged with what the store holds. "
            + "Exit code: 0 nothing is missing, 1 something is, 2 wrong usage, 3 an engine can't be reached, 130 interrupted.")
        {
            last, from, to, grace, data,
        };
        command.Validators.Add(result =>
        {
            var (hasFrom, hasTo) = (result.GetResult(from) is not null, result.GetResult(to) is not null);
            if (result.GetResult(last) is { Implicit: false } && (hasFrom || hasTo))
                result.AddError("audit takes either --last, or --from and --to.");
            else if (hasFrom != hasTo) result.AddError("--from and --to go together.");
            else if (Value(result.GetResult(from)) >= Value(result.GetResult(to)))
                result.AddError("--from must be before --to.");
        });
        command.SetAction((parsed, cancellationToken) => run(
            new(
                parsed.GetValue(last), parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(grace), parsed.GetValue(data)),
            parsed.InvocationConfiguration.Output,
            cancellationToken));
        return command;
    }

    public AuditWindow Window(DateTimeOffset now) => new(From ?? now - Last, To ?? now, now - Grace);

    private static DateTimeOffset? Value(OptionResult? result) => result?.GetValueOrDefault<DateTimeOffset?>();
}
