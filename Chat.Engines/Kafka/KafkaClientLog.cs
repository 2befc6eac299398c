using System.Collections.Concurrent;
using Chat.Engines.Kafka.Clients;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Chat.Engines.Kafka;

/// <summary>
/// Puts librdkafka's lines where every other line goes. It repeats itself twenty times a second while a broker is away, so of the
/// lines of one kind one is let through in <see cref="Window"/>, with the number of those that were not.
/// </summary>
internal sealed partial class KafkaClientLog(TimeProvider time, ILogger<KafkaClientLog> logger)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Kind> _kinds = new();

    public ProducerBuilder<string, byte[]> Attach(ProducerBuilder<string, byte[]> builder) =>
        builder.SetLogHandler((_, line) => Write(line)).SetErrorHandler((_, error) => Write(error));

    public ConsumerBuilder<string?, byte[]> Attach(ConsumerBuilder<string?, byte[]> builder) =>
        builder.SetLogHandler((_, line) => Write(line)).SetErrorHandler((_, error) => Write(error));

    internal void Write(LogMessage line)
    {
        var level = (LogLevel)line.LevelAs(LogLevelType.MicrosoftExtensionsLogging);
        // What librdkafka calls an error is for the most part a connection that it makes again.
        if (level > LogLevel.Warning && line.Facility is "FAIL" or "ERROR") level = LogLevel.Warning;
        // A broker that has just started loads its coordinator for a moment. Where it doesn't end, appends fail and say so.
        if (line.Facility == "GETPID" && line.Message.EndsWith("retrying", StringComparison.Ordinal)) level = LogLevel.Information;
        if (logger.IsEnabled(level) && MayWrite(line.Facility, out var suppressed)) LogLine(level, line.Facility, line.Message, suppressed);
    }

    internal void Write(Error error)
    {
        // Written as a line already.
        if (error.Code is ErrorCode.Local_Transport or ErrorCode.Local_Resolve) return;
        // What only a person can change is no outage, and is shown by tools too, which leave the client's warnings out.
        var refused = KafkaSecurity.Explain(error);
        var level = error.IsFatal || refused is not null ? LogLevel.Error : LogLevel.Warning;
        var name = error.Code.ToString();
        if (!logger.IsEnabled(level) || !MayWrite(name, out var suppressed)) return;
        LogLine(level, name, refused ?? error.Reason, suppressed);
    }

    private bool MayWrite(string name, out int suppressed)
    {
        var kind = _kinds.GetOrAdd(name, _ => new Kind());
        lock (kind)
        {
            suppressed = kind.Suppressed;
            if (kind.LastWritten != 0 && time.GetElapsedTime(kind.LastWritten) < Window)
            {
                kind.Suppressed++;
                return false;
            }
            kind.LastWritten = time.GetTimestamp();
            kind.Suppressed = 0;
            return true;
        }
    }

    private sealed class Kind
    {
        public long LastWritten { get; set; }

        public int Suppressed { get; set; }
    }

    [LoggerMessage(EventId = LogEvents.ClientLine, Message = "librdkafka {Facility}: {Line} ({Suppressed} more of this kind suppressed)")]
    private partial void LogLine(LogLevel level, string facility, string line, int suppressed);
}
