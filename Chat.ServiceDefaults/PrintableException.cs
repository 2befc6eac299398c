using Chat.Core.Text;

namespace Chat.ServiceDefaults;

/// <summary>Takes the place of an exception whose text no terminal should get, and shows the same without what it would obey.</summary>
#pragma warning disable CA1032 // Nobody throws it.
internal sealed class PrintableException : Exception
#pragma warning restore CA1032
{
    private readonly string _text;

    private PrintableException(Exception exception, string text)
        : base(Printable.Lines(exception.Message), exception) => _text = text;

    /// <summary>The exception itself where it is printable, as nearly all are.</summary>
    public static Exception? Of(Exception? exception)
    {
        if (exception is null) return null;
        var text = exception.ToString();
        var printable = Printable.Lines(text);
        return string.Equals(text, printable, StringComparison.Ordinal) ? exception : new PrintableException(exception, printable);
    }

    public override string ToString() => _text;
}
