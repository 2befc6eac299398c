using System.Text;

namespace Chat.Core.Text;

/// <summary>
/// What a program prints: on its way to the terminal, everything in it that a terminal obeys is replaced. Lines and tabs
/// stay. Each write is judged by itself, so that half of a surrogate pair at its end is replaced as well.
/// </summary>
public sealed class PrintableWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    /// <summary>The writer itself where it is one of these already.</summary>
    public static TextWriter Over(TextWriter writer) => writer as PrintableWriter ?? new PrintableWriter(writer);

    /// <summary>
    /// Everything that this process prints from now on. For programs that print for people: a service's log has colours, which are
    /// among what is replaced, and is made printable line by line.
    /// </summary>
    public static void GuardConsole()
    {
        Console.SetOut(Over(Console.Out));
        Console.SetError(Over(Console.Error));
    }

    /// <summary>
    /// Standard error itself, for what is drawn on a terminal by the very sequences that are replaced elsewhere. Only numbers and words of
    /// this program may go there, nothing that anybody sent.
    /// </summary>
    public static TextWriter OpenTerminal() => new StreamWriter(Console.OpenStandardError()) { AutoFlush = true };

    public override void Write(char value) => inner.Write(Printable.Lines(value.ToString()));

    public override void Write(string? value) => inner.Write(Printable.Lines(value));

    public override void Write(char[] buffer, int index, int count) => inner.Write(Printable.Lines(new(buffer, index, count)));

    public override void Write(ReadOnlySpan<char> buffer) => inner.Write(Printable.Lines(buffer.ToString()));

    public override void WriteLine(string? value) => inner.WriteLine(Printable.Lines(value));

    public override void WriteLine(ReadOnlySpan<char> buffer) => inner.WriteLine(Printable.Lines(buffer.ToString()));

    public override Task WriteAsync(char value) => inner.WriteAsync(Printable.Lines(value.ToString()));

    public override Task WriteAsync(string? value) => inner.WriteAsync(Printable.Lines(value));

    public override Task WriteAsync(char[] buffer, int index, int count) => inner.WriteAsync(Printable.Lines(new(buffer, index, count)));

    public override Task WriteAsync(ReadOnlyMemory<char> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(Printable.Lines(buffer.ToString()).AsMemory(), cancellationToken);

    public override Task WriteLineAsync(string? value) => inner.WriteLineAsync(Printable.Lines(value));

    public override Task WriteLineAsync(ReadOnlyMemory<char> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteLineAsync(Printable.Lines(buffer.ToString()).AsMemory(), cancellationToken);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync() => inner.FlushAsync();
}
