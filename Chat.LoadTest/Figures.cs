namespace Chat.LoadTest;

/// <summary>The runs of one figure.</summary>
internal sealed class Figures(IEnumerable<double> values)
{
    private readonly double[] _sorted = [.. values.Order()];

    public double Median => _sorted.Length % 2 == 1
        ? _sorted[_sorted.Length / 2]
        : (_sorted[(_sorted.Length / 2) - 1] + _sorted[_sorted.Length / 2]) / 2;

    /// <summary>The value that a part of them, 0 to 1, is not above; 0 where there is none.</summary>
    public double At(double part) => _sorted.Length == 0 ? 0 : _sorted[Math.Min(_sorted.Length - 1, (int)(part * _sorted.Length))];

    /// <summary>Median, and from the least to the greatest.</summary>
    public string Show(string format) => $"{Median.ToString(format)} ({_sorted[0].ToString(format)} – {_sorted[^1].ToString(format)})";
}
