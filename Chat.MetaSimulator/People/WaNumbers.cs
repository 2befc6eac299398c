namespace Chat.MetaSimulator.People;

/// <summary>
/// Numbers as WhatsApp takes them. Brazil, Mexico and Argentina put a digit in at some time, and an account has the form of the day it was
/// made: both forms reach it.
/// </summary>
public static class WaNumbers
{
    private const int Shortest = 7;
    private const int Longest = 15;

    /// <summary>The digits of <c>to</c>; null where it is no number.</summary>
    public static string? Read(string? to)
    {
        if (to is null) return null;
        var digits = to.StartsWith('+') ? to[1..] : to;
        return digits.Length is >= Shortest and <= Longest && digits.All(char.IsAsciiDigit) ? digits : null;
    }

    /// <summary>What both forms of a number share.</summary>
    public static string Key(string digits) => digits switch
    {
        ['5', '5', _, _, '9', >= '6' and <= '9', ..] when digits.Length == 13 => digits[..4] + digits[5..],
        ['5', '2', '1', ..] when digits.Length == 13 => "52" + digits[3..],
        ['5', '4', '9', ..] when digits.Length == 13 => "54" + digits[3..],
        _ => digits,
    };
}
