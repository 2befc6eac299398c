using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Chat.LoadTest.Deployment;

/// <param name="Seconds">Since the first look.</param>
/// <param name="Cores">That it used since the look before.</param>
internal sealed record ProcessSample(double Seconds, double ResidentMiB, double Cores);

/// <summary>What a process held and used over the run.</summary>
internal sealed record ProcessFigures(int Id, IReadOnlyList<ProcessSample> Samples)
{
    /// <summary>
    /// How much more it held at the end, by medians: the last quarter of the run against the second one, as the first fills what is kept.
    /// A share of the second quarter's; null where it was looked at too rarely.
    /// </summary>
    public double? Growth => Samples.Count < 8 ? null : (Median(0.75) / Median(0.25)) - 1;

    private double Median(double from)
    {
        var quarter = Samples.Skip((int)(Samples.Count * from)).Take(Samples.Count / 4).Select(s => s.ResidentMiB).Order().ToList();
        return quarter[quarter.Count / 2];
    }
}

/// <summary>Looks at a process of this machine now and then: the server's, where it runs here.</summary>
internal sealed class ProcessWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly List<ProcessSample> _samples = [];

    private ProcessWatch(Process process) => _process = process;

    public ProcessFigures Figures => new(_process.Id, _samples);

    /// <exception cref="SetupException">There is no such process.</exception>
    public static ProcessWatch Open(int id)
    {
        try
        {
            return new(Process.GetProcessById(id));
        }
        catch (ArgumentException exception)
        {
            throw new SetupException(
                $"--process: no process of this machine has the id {id.ToString(CultureInfo.InvariantCulture)}.", exception);
        }
    }

    /// <summary>Looks until it is canceled.</summary>
    /// <exception cref="InvalidOperationException">The process has ended: what it would have held and used is nobody's to say.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval);
        var began = Stopwatch.GetTimestamp();
        try
        {
            var (before, cpu) = (began, _process.TotalProcessorTime);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                _process.Refresh();
                // One that nobody has waited for has a name and nothing else.
                if (_process.WorkingSet64 == 0) throw Ended(began);
                var (now, used) = (Stopwatch.GetTimestamp(), _process.TotalProcessorTime);
                _samples.Add(new(
                    Stopwatch.GetElapsedTime(began, now).TotalSeconds,
                    _process.WorkingSet64 / (1024.0 * 1024),
                    (used - cpu) / Stopwatch.GetElapsedTime(before, now)));
                (before, cpu) = (now, used);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        // What a question throws of a process that is gone depends on which one is asked, and when.
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception && _process.HasExited)
        {
            throw Ended(began, exception);
        }
    }

    private InvalidOperationException Ended(long began, Exception? inner = null) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"process {Figures.Id} has ended after {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s"),
        inner);

    public void Dispose() => _process.Dispose();
}
