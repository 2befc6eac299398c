using System.Text;
using System.Text.Json;
using Chat.Core.Json;
using Chat.Tests.Fuzz;
using FsCheck.Xunit;

namespace Chat.Tests.Json;

public sealed class JsonGateTests
{
    private const int MaxBytes = 1000;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    [Theory]
    [InlineData("")]
    [InlineData("""{"a":"é 😀 \u00e9 \ud83d\ude00 \\ud800 \n"}""")]
    [InlineData("""{"\ud83d\ude00":[1,null,true]}""")]
    [InlineData("""["\\\\ud800"]""")]
    [InlineData("\uFEFF{}")]
    public void What_is_JSON_and_text_passes(string json)
    {
        using var document = Parse(json.Length == 0 ? "{}" : json, out var fault);
        Assert.Null(fault);
        Assert.NotNull(document);
    }

    [Theory]
    [InlineData("", JsonFaultKind.Empty)]
    [InlineData("\uFEFF", JsonFaultKind.Empty)]
    [InlineData("""{"a":"\ud800"}""", JsonFaultKind.HalfSurrogate)]
    [InlineData("""{"a":"\udc00\ud800"}""", JsonFaultKind.HalfSurrogate)]
    [InlineData("""{"a":"\ud800\ud800\udc00"}""", JsonFaultKind.HalfSurrogate)]
    [InlineData("""{"a":"\uD800x\uDC00"}""", JsonFaultKind.HalfSurrogate)]
    [InlineData("""{"\udfff":1}""", JsonFaultKind.HalfSurrogate)]
    [InlineData("""{"a":"\\\ud800"}""", JsonFaultKind.HalfSurrogate)]
    [InlineData("""{"a":1,"a":2}""", JsonFaultKind.DuplicateName)]
    [InlineData("""{"a":1,"\u0061":2}""", JsonFaultKind.DuplicateName)]
    [InlineData("""{"x":[{"a":1,"b":{"a":1},"a":2}]}""", JsonFaultKind.DuplicateName)]
    [InlineData("[[[[[]]]]]", JsonFaultKind.TooDeep)]
    [InlineData("[[[[[", JsonFaultKind.TooDeep)]
    [InlineData("{", JsonFaultKind.NotJson)]
    [InlineData("[1,]", JsonFaultKind.NotJson)]
    [InlineData("\"\\u12", JsonFaultKind.NotJson)]
    [InlineData("{} x", JsonFaultKind.NotJson)]
    public void What_is_wrong_is_told_by_its_kind(string json, JsonFaultKind kind)
    {
        Assert.Null(Parse(json, out var fault));
        Assert.Equal(kind, fault!.Kind);
    }

    [Fact]
    public void The_place_of_what_is_no_JSON_is_told_from_1()
    {
        Parse("{\n \"a\": x}", out var fault);
        Assert.Equal((2, 7), (fault!.Line, fault.Byte));
    }

    [Theory]
    [InlineData(new byte[] { 0x22, 0xFF, 0x22 })]
    [InlineData(new byte[] { 0x22, 0xC0, 0x80, 0x22 })]
    [InlineData(new byte[] { 0x22, 0xED, 0xA0, 0x80, 0x22 })]
    [InlineData(new byte[] { 0x22, 0xF4, 0x90, 0x80, 0x80, 0x22 })]
    public void What_is_no_UTF_8_is_refused(byte[] json) => Assert.Equal(JsonFaultKind.NotUtf8, JsonGate.Check(json, MaxBytes)!.Kind);

    [Fact]
    public void What_is_too_large_is_refused_before_it_is_looked_at()
    {
        Assert.Null(JsonGate.Check(Encoding.UTF8.GetBytes(new string('x', MaxBytes)), MaxBytes));
        Assert.Equal(JsonFaultKind.TooLarge, JsonGate.Check(Encoding.UTF8.GetBytes(new string('x', MaxBytes + 1)), MaxBytes)!.Kind);
    }

    [Fact]
    public void Texts_are_left_for_later_only_where_that_is_asked_for()
    {
        var json = Encoding.UTF8.GetBytes("""["\ud800"]""");
        using var document = JsonGate.Parse(
            json, MaxBytes, Options with { AllowDuplicateProperties = true }, out var fault, deferTexts: true);
        Assert.Null(fault);
        Assert.NotNull(document);
    }

    [Fact]
    public void A_half_is_replaced_and_a_pair_is_not() => Assert.Equal(
        """["\ufffd","\ud83d\ude00","\ufffd\ud83d\ude00","\\ud800","\ufffd"]""",
        Encoding.UTF8.GetString(SurrogateEscapes.ReplaceHalves("""["\ud800","\ud83d\ude00","\ude00\ud83d\ude00","\\ud800","\uD83D"]"""u8)));

    // What passes decodes: of every input that the parser takes too, the gate and the decoding agree.
    [Property(MaxTest = 300)]
    public void Whatever_comes_in_is_a_fault_or_decodes(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 20; i++)
        {
            var json = Encoding.UTF8.GetBytes($"{{\"a\":{NastyJson.Value(random)},{NastyJson.Text(random)}:1}}");
            if (random.Next(5) == 0) json = [.. json[..^1], .. NastyJson.Bytes(random)];
            using var document = JsonGate.Parse(json, json.Length, new() { MaxDepth = 64 }, out var fault);
            Assert.Equal(document is null, fault is not null);
            Assert.Equal(document is not null, Decodes(json));
            if (fault is not null) Assert.True(fault.What.Length < 100, fault.What);
        }
    }

    private static bool Decodes(byte[] json)
    {
        try
        {
            if (json.AsSpan().StartsWith("\uFEFF"u8)) json = json[3..];
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(json);
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) _ = reader.GetString();
            }
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            return false;
        }
    }

    private static JsonDocument? Parse(string json, out JsonFault? fault) =>
        JsonGate.Parse(Encoding.UTF8.GetBytes(json), MaxBytes, Options, out fault);
}
