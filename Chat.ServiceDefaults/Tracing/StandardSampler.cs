using System.Globalization;
using Chat.Core;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;

namespace Chat.ServiceDefaults.Tracing;

/// <summary>The head sampler that the settings name: ours, or else OpenTelemetry's own.</summary>
internal static class StandardSampler
{
    public const string Name = "OTEL_TRACES_SAMPLER";
    public const string Argument = "OTEL_TRACES_SAMPLER_ARG";

    /// <exception cref="StartUpException">The setting names none; the message says which there are.</exception>
    public static Sampler From(double? ratio, IConfiguration configuration)
    {
        if (ratio is { } part) return new ParentBasedSampler(new TraceIdRatioBasedSampler(part));
        return configuration[Name]?.Trim().ToLowerInvariant() switch
        {
            null or "" or "parentbased_always_on" => new ParentBasedSampler(new AlwaysOnSampler()),
            "always_on" => new AlwaysOnSampler(),
            "always_off" => new AlwaysOffSampler(),
            "parentbased_always_off" => new ParentBasedSampler(new AlwaysOffSampler()),
            "traceidratio" => new TraceIdRatioBasedSampler(RatioOf(configuration)),
            "parentbased_traceidratio" => new ParentBasedSampler(new TraceIdRatioBasedSampler(RatioOf(configuration))),
            _ => throw new StartUpException(
                $"{Name} names no sampler that there is: always_on, always_off, traceidratio, parentbased_always_on, "
                + "parentbased_always_off or parentbased_traceidratio."),
        };
    }

    private static double RatioOf(IConfiguration configuration)
    {
        var text = configuration[Argument];
        if (string.IsNullOrWhiteSpace(text)) return 1;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1
            ? ratio
            : throw new StartUpException($"{Argument} must be a number from 0 to 1.");
    }
}
