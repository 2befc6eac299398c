namespace Chat.Core.Contacts;

/// <summary>
/// Phone numbers as WhatsApp writes them: a <c>wa_id</c> may differ from the number that was dialled by a digit that its country put in
/// later, and no rule tells which accounts have it (Brazil, Mexico, Argentina). So both forms are one address.
/// </summary>
public static class PhoneNumbers
{
    /// <summary>
    /// The digits alone, without Brazil's ninth digit of mobile numbers, Mexico's 1 and Argentina's 9. Null where it is no number with a
    /// country's code: 7 to 15 digits, perhaps with a leading + and spaces, hyphens, dots and brackets.
    /// </summary>
    public static string? Canonical(string? text)
    {
        if (Digits(text) is not { } digits) return null;
        return digits switch
        {
            // 55, area code, 9, eight digits of which the first is a mobile's: landlines never had a ninth.
            ['5', '5', _, _, '9', >= '6' and <= '9', ..] when digits.Length == 13 => digits[..4] + digits[5..],
            ['5', '2', '1', ..] when digits.Length == 13 => "52" + digits[3..],
            ['5', '4', '9', ..] when digits.Length == 13 => "54" + digits[3..],
            _ => digits,
        };
    }

    /// <summary>The digits of a number as it was written; null where it is none.</summary>
    public static string? Digits(string? text)
    {
        if (text is null || text.Length > 32) return null;
        Span<char> digits = stackalloc char[15];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsAsciiDigit(c))
            {
                if (count == digits.Length) return null;
                digits[count++] = c;
            }
            else if (c is not (' ' or '-' or '.' or '(' or ')') && !(c == '+' && i == 0))
            {
                return null;
            }
        }
        return count >= 7 ? new(digits[..count]) : null;
    }
}
