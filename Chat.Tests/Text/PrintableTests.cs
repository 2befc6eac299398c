using System.Text;
using Chat.Core.Text;

namespace Chat.Tests.Text;

public sealed class PrintableTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("Olá, mundo 😀", "Olá, mundo 😀")]
    [InlineData("a\r\nb\tc", "a  b c")]
    [InlineData("\u001b[2J\u009b31m\u007f", " [2J 31m ")]
    [InlineData("\u202Egnp.exe\u2066\u2028\uFEFF", "\uFFFDgnp.exe\uFFFD\uFFFD\uFFFD")]
    public void What_a_terminal_obeys_is_replaced(string? text, string shown) => Assert.Equal(shown, Printable.Line(text));

    // Not in an attribute, whose strings are UTF-8.
    [Fact]
    public void Half_a_surrogate_pair_is_replaced()
    {
        Assert.Equal("\uFFFDx", Printable.Line("\ud83dx"));
        Assert.Equal("x\uFFFD", Printable.Line("x\ude00"));
    }

    [Fact]
    public void What_is_too_long_is_cut_between_characters()
    {
        Assert.Equal(new string('x', 64), Printable.Line(new string('x', 64)));
        Assert.Equal(new string('x', 64) + "…", Printable.Line(new string('x', 65)));
        Assert.Equal(new string('x', 63) + "…", Printable.Line(new string('x', 63) + "😀"));
    }

    [Theory]
    [InlineData(1023, false)]
    [InlineData(1024, false)]
    [InlineData(1025, true)]
    public void A_text_is_truncated_to_its_bytes(int length, bool isCut)
    {
        var cut = Utf8Length.Truncate(new string('x', length), 1024);
        Assert.Equal(isCut ? new string('x', 1021) + "…" : new string('x', length), cut);
    }

    [Theory]
    [InlineData("é")]
    [InlineData("😀")]
    [InlineData("a😀")]
    [InlineData("aé😀")]
    public void A_text_is_never_cut_inside_a_character(string character)
    {
        var text = string.Concat(Enumerable.Repeat(character, 500));
        for (var max = 3; max < 40; max++)
        {
            var cut = Utf8Length.Truncate(text, max);
            Assert.EndsWith("…", cut, StringComparison.Ordinal);
            Assert.InRange(Encoding.UTF8.GetByteCount(cut), max - 3, max);
            Assert.StartsWith(cut[..^1], text, StringComparison.Ordinal);
            Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(cut)));
            Assert.Equal(cut, Utf8Length.Truncate(cut, max));
        }
    }
}
