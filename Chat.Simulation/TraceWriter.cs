using System.Runtime.CompilerServices;
using System.Text;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation;

/// <summary>What happened, line by line, where somebody wants to read it; nothing is put together where nobody does.</summary>
public sealed class TraceWriter(SimScheduler scheduler, TextWriter? writer)
{
    public bool IsTold => writer is not null;

    public void Tell(SimProcess who, [InterpolatedStringHandlerArgument("")] ref Line line)
    {
        if (writer is null) return;
        Write(who.Name, line.Text);
    }

    public void Write(string who, string text) => writer?.WriteLine($"{scheduler.Now.TotalSeconds,10:F4}  {who,-14} {text}");

    /// <summary>Builds a line only where the trace is told.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Line
    {
        private readonly StringBuilder? _text;

        public Line(int literalLength, int formattedCount, TraceWriter trace, out bool wanted)
        {
            wanted = trace.IsTold;
            _text = wanted ? new(literalLength + (formattedCount * 16)) : null;
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
