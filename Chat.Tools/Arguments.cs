namespace Chat.Tools;

internal static class Arguments
{
    /// <summary>The value after the option at <paramref name="i"/>, which moves on to it.</summary>
    /// <exception cref="ArgumentException">There is none; the message names the option.</exception>
    public static string Value(string[] args, ref int i) =>
        i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal)
            ? args[++i]
            : throw new ArgumentException($"{args[i]} has no value: put one after it.");
}
