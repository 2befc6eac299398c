using System.Text;
using Chat.Connectors.Instagram.Sending;

namespace Chat.Tests.Connectors.Sending;

public sealed class TextPartsTests
{
    [Theory]
    [InlineData("Olá", 10, "Olá")]
    [InlineData("abcdefgh", 4, "abcd|efgh")]
    [InlineData("um dois três", 8, "um dois |três")]
    [InlineData("ab cdefghij", 8, "ab cdefg|hij")]
    [InlineData("ááááá", 4, "áá|áá|á")]
    [InlineData("a👍🏽b", 9, "a👍🏽|b")]
    [InlineData("👍🏽", 5, "👍|🏽")]
    [InlineData("e\u0301e\u0301", 5, "e\u0301|e\u0301")]
    public void A_text_is_cut_between_characters_and_after_spaces_where_there_are_some(string text, int bytes, string parts) =>
        Assert.Equal(parts.Split('|'), TextParts.Split(text, bytes));

    [Fact]
    public void All_parts_fit_and_together_are_the_text()
    {
        var random = new Random(7);
        string[] pieces = ["a", " ", "é", "👩‍👩‍👧", "\n", "palavra", "e\u0301\u0301\u0301\u0301\u0301\u0301"];
        for (var run = 0; run < 500; run++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 80)).Select(_ => pieces[random.Next(pieces.Length)]));
            var most = random.Next(8, 60);
            var parts = TextParts.Split(text, most);
            Assert.Equal(text, string.Concat(parts));
            Assert.All(parts, part => Assert.InRange(Encoding.UTF8.GetByteCount(part), 1, most));
        }
    }
}
