using System.Runtime.CompilerServices;
using System.Text;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation;

/// <summary>Writes what happens, line by line. Where there is no writer, no line is built.</summary>
public sealed class TraceWriter(SimScheduler scheduler, TextWriter? writer)
{
    public bool IsEnabled => writer is not null;

    public void Write(SimProcess process, [InterpolatedStringHandlerArgument("")] ref Line line)
    {
        if (writer is null) return;
        Write(process.Name, line.Text);
    }

    public void Write(string source, string text) => writer?.WriteLine($"{scheduler.Now.TotalSeconds,10:F4}  {source,-14} {text}");

    /// <summary>Builds a line only where it is written.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Line
    {
        private readonly StringBuilder? _text;

        public Line(int literalLength, int formattedCount, TraceWriter trace, out bool isEnabled)
        {
            isEnabled = trace.IsEnabled;
            _text = isEnabled ? new(literalLength + (formattedCount * 16)) : null;
        }

        internal string Text => _text?.ToString() ?? "";

        public void AppendLiteral(string text) => _text!.Append(text);

        public void AppendFormatted<T>(T value) => _text!.Append(value is Guid id ? Short(id) : value?.ToString());

        public void AppendFormatted(double value, string format) => _text!.Append(value.ToString(format));

        public void AppendFormatted(ReadOnlyMemory<byte> value) => _text!.Append(Encoding.UTF8.GetString(value.Span));

        // Ids differ in their last digits, whatever made them.
        private static string Short(Guid id) => "…" + id.ToString("D")[^6..];
    }
}
