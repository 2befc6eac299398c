using System.Text;
using Chat.Core.Log;
using Chat.Core.PutBack;
using Chat.Core.Text;
using Chat.Core.Time;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tools.DeadLetters;

/// <summary>Lists dead letters and puts them back.</summary>
public static class DeadLetterCommand
{
    private const int Shortened = 120;

    public static Task<int> RunAsync(DeadLetterOptions options, TextWriter output, CancellationToken cancellationToken) =>
        ToolHost.RunAsync(
            options.Data,
            services => services.AddSingleton<DeadLetterBox>(),
            services => RunAsync(services.GetRequiredService<DeadLetterBox>(), options, output, cancellationToken));

    private static async Task<int> RunAsync(
        DeadLetterBox box, DeadLetterOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        if (!options.PutBack)
        {
            await ListAsync(box, options, output, cancellationToken);
            return 0;
        }
        var left = new List<string>();
        var (isThere, isRefused) = (false, false);
        var count = await box.PutBackAsync(
            letter => options.Fits(letter) && (isThere = true),
            (letter, why) =>
            {
                isRefused |= letter.CanGoBack;
                left.Add($"left: {letter.Location}: {Printable.Line(why, Shortened)}");
            },
            cancellationToken);
        foreach (var line in left) await output.WriteLineAsync(line);
        await output.WriteLineAsync($"put back: {count}");
        // One that is back already is where it was wanted; of those whose event is gone nothing can be done, each time.
        return isRefused || (options.At is not null && (!isThere || left.Count > 0)) ? 1 : 0;
    }

    public static async Task ListAsync(DeadLetterBox box, DeadLetterOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var counts = new SortedDictionary<(string Topic, string Reason), (int All, int Back)>();
        await foreach (var letter in box.ListAsync(cancellationToken))
        {
            if (!options.Fits(letter)) continue;
            var (all, back) = counts.GetValueOrDefault((letter.Topic, letter.Reason));
            counts[(letter.Topic, letter.Reason)] = (all + 1, back + (letter.IsBack ? 1 : 0));
            await output.WriteLineAsync(
                $"{letter.Location}  {WireTime.Format(letter.Event.AppendedAt)}  key {Printable.Line(letter.Event.Key)}"
                + $"{(letter.TimesBack > 0 ? $"  came back {letter.TimesBack} times" : "")}{(letter.IsBack ? "  put back" : "")}");
            await output.WriteLineAsync($"    {letter.Reason}");
            if (letter.IsPointer)
                await output.WriteLineAsync($"    its event is {letter.Target}{(letter.CanGoBack ? "" : ", no longer in the log")}");
            if (letter.CanGoBack) await output.WriteLineAsync($"    {Payload(letter.Original ?? letter.Event, options.Full)}");
        }
        foreach (var ((topic, reason), (all, back)) in counts)
            await output.WriteLineAsync($"{all} in {topic}, {back} of them put back: {reason}");
        if (counts.Count == 0) await output.WriteLineAsync("no dead letters");
    }

    private static string Payload(LogEvent e, bool full)
    {
        var text = Encoding.UTF8.GetString(e.Value.Span);
        return full || text.Length <= Shortened
            ? Printable.Line(text, int.MaxValue)
            : $"{Printable.Line(text, Shortened)} ({e.Value.Length} bytes)";
    }
}
