using System.Text;
using Chat.Core.Webhooks;

namespace Chat.Tests.Webhooks;

/// <summary>Only the bytes that came, under the app's secret, have the signature.</summary>
public sealed class WebhookSignatureTests
{
    public const string Secret = "not-a-secret";

    /// <summary>As Meta writes JSON: escapes for what is not ASCII, and for slashes.</summary>
    public static readonly string Body =
        """
        {"object":"whatsapp_business_account","entry":[{"id":"900100200","changes":[{"field":"messages","value":
        {"messaging_product":"whatsapp","metadata":{"display_phone_number":"551130000001","phone_number_id":"700800900"},
        "messages":[{"from":"5511900000002","id":"wamid.AAAA","timestamp":"1790000000","type":"text",
        "text":{"body":"Ol\u00e1 \ud83d\ude00 a\/b"}}]}}]}]}
        """.ReplaceLineEndings("");

    private const string Signature = "sha256=985bd6627a91bed510a4b26fcc8a4e597930e71152723a6a29f5446ded1c35da";

    private static readonly byte[] Bytes = Encoding.UTF8.GetBytes(Body);

    [Fact]
    public void Known_body_when_signed_has_the_known_signature()
    {
        Assert.Equal(362, Bytes.Length);
        Assert.Equal(Signature, WebhookSignature.Sign(Bytes, Secret));
        Assert.True(IsOf(Signature, Bytes, Secret));
        Assert.True(IsOf(Signature.ToUpperInvariant().Replace("SHA256=", "sha256=", StringComparison.Ordinal), Bytes, Secret));
    }

    [Fact]
    public void Body_when_one_byte_of_it_is_changed_anywhere_has_another_signature() => Assert.All(
        Enumerable.Range(0, Bytes.Length),
        i =>
        {
            var changed = Bytes.ToArray();
            changed[i] ^= 1;
            Assert.False(IsOf(Signature, changed, Secret));
        });

    [Fact]
    public void Body_when_read_and_written_again_has_another_signature()
    {
        // As UTF-8, the slash as itself.
        var again = Encoding.UTF8.GetBytes(Body
            .Replace("Ol\\u00e1 \\ud83d\\ude00 a\\/b", "Olá 😀 a/b", StringComparison.Ordinal));

        Assert.StartsWith("sha256=f2da3e03", WebhookSignature.Sign(again, Secret), StringComparison.Ordinal);
        Assert.False(IsOf(Signature, again, Secret));
    }

    [Fact]
    public void Secrets_when_one_is_exchanged_may_both_have_signed_and_no_other()
    {
        Assert.True(IsOf(Signature, Bytes, "the new one", Secret));
        Assert.True(IsOf(Signature, Bytes, Secret, "the new one"));
        Assert.False(IsOf(Signature, Bytes, "the new one"));
        Assert.False(IsOf(Signature, Bytes));
    }

    [Fact]
    public void Secret_when_it_is_empty_signs_nothing() => Assert.False(IsOf(WebhookSignature.Sign(Bytes, ""), Bytes, ""));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha256=")]
    [InlineData("sha256=985bd6627a91bed510a4b26fcc8a4e597930e71152723a6a29f5446ded1c35")]
    [InlineData("sha256=985bd6627a91bed510a4b26fcc8a4e597930e71152723a6a29f5446ded1c35daff")]
    [InlineData("sha1=985bd6627a91bed510a4b26fcc8a4e597930e71152723a6a29f5446ded1c35da00")]
    [InlineData("985bd6627a91bed510a4b26fcc8a4e597930e71152723a6a29f5446ded1c35da")]
    [InlineData("sha256=zz5bd6627a91bed510a4b26fcc8a4e597930e71152723a6a29f5446ded1c35da")]
    [InlineData("sha256: 985bd6627a91bed510a4b26fcc8a4e597930e71152723a6a29f5446ded1c35d")]
    public void Header_when_it_is_no_signature_is_none(string? header) => Assert.Null(WebhookSignature.Parse(header));

    private static bool IsOf(string header, byte[] body, params string[] secrets) =>
        WebhookSignature.IsOf(WebhookSignature.Parse(header)!, body, secrets);
}
