using Chat.Core.Text;
using Chat.Simulation;
using Chat.Tools;

namespace Chat.Tests.Text;

/// <summary>What a terminal obeys, or what deceives its reader, is in nothing that a program prints.</summary>
public sealed class PrintableWriterTests
{
    // Every one of C0 but the line end and the tab, DEL, every one of C1, and what no control is and yet turns or splits lines.
    public static readonly IReadOnlyList<char> Obeyed =
    [
        .. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Select(c => (char)c).Except(['\n', '\t']),
        .. "\u2028\u2029\uFEFF\u061C\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069\u206A\u206F\uFFF9\uFFFA\uFFFB",
    ];

    [Fact]
    public void Lines_and_tabs_stay_and_each_character_that_is_obeyed_is_replaced_wherever_it_is_written()
    {
        Assert.Equal(63, Obeyed.Count(char.IsControl));
        foreach (var c in Obeyed)
        {
            var shown = Printable.Lines($"a{c}b\n\tc\r\n😀");

            Assert.Equal(char.IsControl(c) ? "a b\n\tc\r\n😀" : "a\uFFFDb\n\tc\r\n😀", shown);
        }
    }

    [Fact]
    public void Every_way_to_write_replaces_it()
    {
        var text = $"x{string.Concat(Obeyed)}y";
        using var written = new StringWriter();
        var printable = PrintableWriter.Over(written);
        Assert.Same(printable, PrintableWriter.Over(printable));

        foreach (var c in text)
        {
            printable.Write(c);
            printable.WriteLine(c);
        }
        printable.Write(text);
        printable.Write(text.ToCharArray());
        printable.Write(text.ToCharArray(), 0, text.Length);
        printable.Write(text.AsSpan());
        printable.Write((object)text);
        printable.WriteLine(text);
        printable.WriteLine(text.ToCharArray());
        printable.WriteLine(text.AsSpan());
        printable.WriteLine((object)text);

        Assert.Empty(written.ToString().Intersect(Obeyed));
        Assert.Equal(2 + 9, written.ToString().Count(c => c == 'y'));
    }

    [Fact]
    public async Task So_does_every_way_to_write_without_waiting()
    {
        var text = $"x{string.Concat(Obeyed)}y";
        using var written = new StringWriter();
        var printable = PrintableWriter.Over(written);

        foreach (var c in text) await printable.WriteAsync(c);
        await printable.WriteAsync(text);
        await printable.WriteAsync(text.ToCharArray(), 0, text.Length);
        await printable.WriteAsync(text.AsMemory(), TestContext.Current.CancellationToken);
        await printable.WriteLineAsync(text);
        await printable.WriteLineAsync(text.ToCharArray(), 0, text.Length);
        await printable.WriteLineAsync(text.AsMemory(), TestContext.Current.CancellationToken);
        await printable.FlushAsync(TestContext.Current.CancellationToken);

        Assert.Empty(written.ToString().Intersect(Obeyed));
        Assert.Equal(1 + 6, written.ToString().Count(c => c == 'y'));
    }

    [Fact]
    public async Task What_a_command_line_repeats_of_its_arguments_is_printable()
    {
        Func<string[], TextWriter?, TextWriter?, Task<int>>[] programs = [ToolProgram.RunAsync, SimulationProgram.RunAsync];
        foreach (var run in programs)
        {
            using var output = new StringWriter();

            await run([$"no{string.Concat(Obeyed)}command", "\u001b[2J"], output, output);

            Assert.Contains("command", output.ToString(), StringComparison.Ordinal);
            Assert.Empty(output.ToString().Intersect(Obeyed));
        }
    }
}
