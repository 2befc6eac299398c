namespace Chat.Core.Contacts;

/// <summary>WhatsApp's ids of people who may hide their number: <c>BR.13490000000000000001</c>, <c>BR.ENT.…</c>.</summary>
public static class BusinessScopedUserIds
{
    // A country, ENT of the parent form, and 128 letters and digits.
    private const int Longest = 140;

    /// <summary>Whether a text has the form of one.</summary>
    public static bool IsOne(string text) =>
        text.Length is > 3 and <= Longest
        && char.IsAsciiLetterUpper(text[0])
        && char.IsAsciiLetterUpper(text[1])
        && text[2] == '.'
        && text[3..].All(c => char.IsAsciiLetterOrDigit(c) || c == '.');
}
