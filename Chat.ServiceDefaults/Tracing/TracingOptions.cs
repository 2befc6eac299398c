using System.ComponentModel.DataAnnotations;

namespace Chat.ServiceDefaults.Tracing;

/// <summary>Configuration section <c>Tracing</c>: which traces are made. They go where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says.</summary>
public sealed class TracingOptions
{
    public const string Section = "Tracing";

    /// <summary>Whether there are any. Without <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> there are none in any case.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// The part of traces that is sampled where they begin, from 0 to 1; what continues a trace does as its parent did. Where it is not
    /// set, <c>OTEL_TRACES_SAMPLER</c> and <c>OTEL_TRACES_SAMPLER_ARG</c> say, and without them all are.
    /// </summary>
    [Range(0.0, 1.0)]
    public double? SampleRatio { get; set; }

    /// <summary>
    /// Spans that are kept each second, at most, of messages whose trace was not sampled and that failed, were slow or became a dead
    /// letter: all that follows is sampled with them. 0 keeps none; 10 by default.
    /// </summary>
    [Range(0, 10_000)]
    public int KeepPerSecond { get; set; } = 10;

    /// <summary>
    /// How old a status may be when it reaches the status worker or the sockets before it is slow, as <c>hh:mm:ss</c>; from 100 ms to 1 h,
    /// 1 second by default.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan SlowAfter { get; set; } = TimeSpan.FromSeconds(1);
}
