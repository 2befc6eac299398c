using System.Text;
using System.Text.Json.Nodes;
using Chat.MetaSimulator.Webhooks;

namespace Chat.Tests.MetaSimulator;

public sealed class MetaJsonTests
{
    // A body as Meta writes it, and its signature by the secret "not-a-secret".
    private const string Body =
        "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"900100200\",\"changes\":[{"
        + "\"field\":\"messages\",\"value\":{\"messaging_product\":\"whatsapp\",\"metadata\":{"
        + "\"display_phone_number\":\"551130000001\",\"phone_number_id\":\"700800900\"},"
        + "\"messages\":[{\"from\":\"5511900000002\",\"id\":\"wamid.AAAA\",\"timestamp\":\"1790000000\","
        + "\"type\":\"text\",\"text\":{\"body\":\"Ol\\u00e1 \\ud83d\\ude00 a\\/b\"}}]}}]}]}";

    private const string Signature = "sha256=985bd6627a91bed510a4b26fcc8a4e597930e71152723a6a29f5446ded1c35da";

    [Fact]
    public void A_body_is_written_and_signed_as_Meta_does()
    {
        var written = MetaJson.Write(JsonNode.Parse(Body)!);

        Assert.Equal(Body, Encoding.ASCII.GetString(written));
        Assert.Equal(Signature, MetaJson.Sign("not-a-secret", written));
    }

    [Fact]
    public void Written_again_by_another_writer_it_has_another_signature() =>
        Assert.NotEqual(Signature, MetaJson.Sign("not-a-secret", Encoding.UTF8.GetBytes(JsonNode.Parse(Body)!.ToJsonString())));

    [Theory]
    [InlineData("\"\\\b\f\n\r\t/", "\"\\\"\\\\\\b\\f\\n\\r\\t\\/\"")]
    [InlineData("\u0001é\u2028", "\"\\u0001\\u00e9\\u2028\"")]
    public void Texts_are_escaped(string text, string written) =>
        Assert.Equal(written, Encoding.ASCII.GetString(MetaJson.Write(JsonValue.Create(text))));
}
