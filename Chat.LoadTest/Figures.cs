namespace Chat.LoadTest;

/// <summary>The runs of one figure.</summary>
internal sealed class Figures(IEnumerable<double> values)
{
    private readonly double[] _sorted = [.. values.Order()];

    public double Median => _sorted.Length % 2 == 1
        ? _sorted[_sorted.Length / 2]
        : (_sorted[(_sorted.Length / 2) - 1] + _sorted[_sorted.Length / 2]) / 2;

    /// <summary>The least value that a part of them, 0 to 1, is not above; 0 where there is none.</summary>
    public double At(double part) =>
        // As whole as the product is: 0.07 of 100 are 7, and not the 7.000000000000001 that it gives.
        _sorted.Length == 0 ? 0 : _sorted[Math.Max(0, (int)Math.Ceiling(Math.Round(part * _sorted.Length, 9)) - 1)];

    /// <summary>Median, and from the least to the greatest.</summary>
    public string Show(string format) => $"{Median.ToString(format)} ({_sorted[0].ToString(format)} – {_sorted[^1].ToString(format)})";
}
