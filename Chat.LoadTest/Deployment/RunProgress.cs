using Chat.Core.Text;
using Spectre.Console;
using Progress = Chat.LoadTest.Distributed.Progress;

namespace Chat.LoadTest.Deployment;

/// <summary>How far it is.</summary>
/// <param name="Part">Of the phase, 0 to 1.</param>
internal sealed record RunState(
    string Phase, double Part, int Sockets, long Posted, long Accepted, long Refused, long TicksExpected, long TicksShown);

/// <summary>
/// Says how far the run is: on a terminal as a table that is drawn over and over, else as a line now and then. Only numbers and words of
/// our own go to the terminal past the writer that guards it.
/// </summary>
/// <param name="isLive">Whether standard error is a terminal that may be drawn on.</param>
internal sealed class RunProgress(TextWriter error, bool isLive)
{
    private const int FramesPerLine = 20;
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(250);

    public void Say(string text) => Progress.Say(text, error);

    /// <summary>Shows the state until the work is done, or has failed.</summary>
    public async Task ShowAsync(Func<RunState> read, Task work)
    {
        using var timer = new PeriodicTimer(Frame);
        if (isLive)
        {
            await using var writer = PrintableWriter.OpenTerminal();
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
            await console.Live(Draw(read())).AutoClear(true).StartAsync(async live =>
            {
                while (await IsUnderWayAsync(work, timer)) live.UpdateTarget(Draw(read()));
            });
        }
        else
        {
            for (var frame = 1; await IsUnderWayAsync(work, timer); frame++)
            {
                if (frame % FramesPerLine == 0) Say(Line(read()));
            }
        }
        await work;
        Say(Line(read()));
    }

    public static Table Draw(RunState state)
    {
        var done = (int)Math.Round(Math.Clamp(state.Part, 0, 1) * 30);
        return new Table()
            .Border(TableBorder.Rounded)
            .AddColumns(
                new TableColumn(new Text(state.Phase)), new TableColumn(new Text($"{new string('━', done)}{new string('─', 30 - done)}")))
            .AddRow("sockets subscribed", $"{state.Sockets:N0}")
            .AddRow("posts, and those answered 202", $"{state.Posted:N0}, {state.Accepted:N0}")
            .AddRow("refused", state.Refused == 0 ? "0" : $"[red]{state.Refused:N0}[/]")
            .AddRow("ticks shown, of those to come", $"{state.TicksShown:N0} of {state.TicksExpected:N0}");
    }

    public static string Line(RunState state) =>
        $"{state.Phase}: {state.Part:P0}, {state.Sockets:N0} sockets, {state.Posted:N0} posts, {state.Accepted:N0} answered 202, "
        + $"{state.Refused:N0} refused, {state.TicksShown:N0} of {state.TicksExpected:N0} ticks shown";

    private static async Task<bool> IsUnderWayAsync(Task work, PeriodicTimer timer)
    {
        var next = timer.WaitForNextTickAsync().AsTask();
        await Task.WhenAny(work, next);
        if (work.IsCompleted) return false;
        await next;
        return true;
    }
}
