using System.Text.Json;
using Chat.Api.Messages;
using Chat.Api.Problems;

namespace Chat.Tests.Api;

/// <summary>What each channel takes of each type, and which field is named where it doesn't.</summary>
public sealed class PostedContentTests
{
    [Theory]
    [InlineData("whatsapp", "text", """{"texto":"a","respostaA":"123e4567-e89b-12d3-a456-426614174000"}""")]
    [InlineData("whatsapp", "image", """{"midia":{"id":"42"}}""")]
    [InlineData("whatsapp", "image", """{"midia":{"link":"https://a.example/b.png","tipoMime":"image/png"},"legenda":"c"}""")]
    [InlineData("whatsapp", "document", """{"midia":{"id":"42","tipoMime":"text/plain","nomeArquivo":"a.txt"},"legenda":"c"}""")]
    [InlineData("whatsapp", "audio", """{"midia":{"id":"42","tipoMime":"audio/ogg; codecs=opus"}}""")]
    [InlineData("whatsapp", "video", """{"midia":{"id":"42","tipoMime":"video/mp4"},"legenda":"c"}""")]
    [InlineData("whatsapp", "template", """{"modelo":{"nome":"hi","idioma":"pt_BR","componentes":[]}}""")]
    [InlineData("whatsapp", "interactive", """{"interativo":{"type":"button","body":{"text":"?"},"action":{"buttons":[1,2,3]}}}""")]
    [InlineData(
        "whatsapp",
        "interactive",
        """{"interativo":{"type":"list","action":{"sections":[{"rows":[1,2,3,4,5]},{"rows":[6,7,8,9,10]}]}}}""")]
    [InlineData("whatsapp", "reaction", """{"reacao":{"mensagemId":"123e4567-e89b-12d3-a456-426614174000","emoji":""}}""")]
    [InlineData("whatsapp", "TEXT", """{"texto":"a"}""")]
    [InlineData("instagram", "image", """{"midia":{"link":"https://a.example/b.gif","tipoMime":"image/gif"},"legenda":"c"}""")]
    [InlineData("instagram", "audio", """{"midia":{"id":"42","tipoMime":"audio/wav"},"legenda":"c"}""")]
    [InlineData("instagram", "document", """{"midia":{"id":"42","tipoMime":"application/pdf"}}""")]
    [InlineData("instagram", "reaction", """{"reacao":{"mensagemId":"123e4567-e89b-12d3-a456-426614174000","emoji":"👍"}}""")]
    public void What_a_channel_takes_is_taken(string channel, string type, string content)
    {
        var posted = Read(channel, type, content, out var errors);
        Assert.Empty(errors);
        Assert.Equal(type.ToLowerInvariant(), posted!.Type);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(content), JsonElement.Parse(posted.Content)));
    }

    [Theory]
    [InlineData("whatsapp", "sticker", "{}", "tipo")]
    [InlineData("instagram", "template", """{"modelo":{"nome":"hi","idioma":"pt_BR"}}""", "tipo")]
    [InlineData("instagram", "interactive", """{"interativo":{"type":"button","action":{}}}""", "tipo")]
    [InlineData("whatsapp", "text", """{"texto":"a","respostaA":"wamid.1"}""", "conteudo.respostaA")]
    [InlineData("whatsapp", "text", """{"texto":"a","respostaA":7}""", "conteudo.respostaA")]
    [InlineData("whatsapp", "image", "{}", "conteudo.midia")]
    [InlineData("whatsapp", "image", """{"midia":[]}""", "conteudo.midia")]
    [InlineData("whatsapp", "image", """{"midia":{}}""", "conteudo.midia")]
    [InlineData("whatsapp", "image", """{"midia":{"id":"1","link":"https://a.example/"}}""", "conteudo.midia")]
    [InlineData("whatsapp", "image", """{"midia":{"id":1}}""", "conteudo.midia.id")]
    [InlineData("whatsapp", "image", """{"midia":{"id":""}}""", "conteudo.midia.id")]
    [InlineData("instagram", "audio", """{"midia":{"id":" "}}""", "conteudo.midia.id")]
    [InlineData("whatsapp", "image", """{"midia":{"link":""}}""", "conteudo.midia.link")]
    [InlineData("whatsapp", "image", """{"midia":{"link":"file:///etc/passwd"}}""", "conteudo.midia.link")]
    [InlineData("whatsapp", "image", """{"midia":{"link":"https://me:secret@a.example/"}}""", "conteudo.midia.link")]
    [InlineData("whatsapp", "image", """{"midia":{"link":"b.png"}}""", "conteudo.midia.link")]
    [InlineData("whatsapp", "image", """{"midia":{"id":"1","tipoMime":"image/gif"}}""", "conteudo.midia.tipoMime")]
    [InlineData("whatsapp", "audio", """{"midia":{"id":"1","tipoMime":"audio/wav"}}""", "conteudo.midia.tipoMime")]
    [InlineData("whatsapp", "audio", """{"midia":{"id":"1"},"legenda":"c"}""", "conteudo.legenda")]
    [InlineData("whatsapp", "video", """{"midia":{"id":"1","tipoMime":"video/webm"}}""", "conteudo.midia.tipoMime")]
    [InlineData("whatsapp", "document", """{"midia":{"id":"1","nomeArquivo":7}}""", "conteudo.midia.nomeArquivo")]
    [InlineData("instagram", "document", """{"midia":{"id":"1","tipoMime":"text/plain"}}""", "conteudo.midia.tipoMime")]
    [InlineData("whatsapp", "template", "{}", "conteudo.modelo")]
    [InlineData("whatsapp", "template", """{"modelo":{"idioma":"pt_BR"}}""", "conteudo.modelo.nome")]
    [InlineData("whatsapp", "template", """{"modelo":{"nome":"hi","idioma":" "}}""", "conteudo.modelo.idioma")]
    [InlineData("whatsapp", "template", """{"modelo":{"nome":"hi","idioma":"pt_BR","componentes":{}}}""", "conteudo.modelo.componentes")]
    [InlineData("whatsapp", "interactive", "{}", "conteudo.interativo")]
    [InlineData("whatsapp", "interactive", """{"interativo":{"action":{}}}""", "conteudo.interativo.type")]
    [InlineData("whatsapp", "interactive", """{"interativo":{"type":"button"}}""", "conteudo.interativo.action")]
    [InlineData(
        "whatsapp",
        "interactive",
        """{"interativo":{"type":"button","action":{"buttons":[1,2,3,4]}}}""",
        "conteudo.interativo.action.buttons")]
    [InlineData(
        "whatsapp",
        "interactive",
        """{"interativo":{"type":"list","action":{"sections":[{"rows":[1,2,3,4,5,6]},{"rows":[7,8,9,10,11]}]}}}""",
        "conteudo.interativo.action.sections")]
    [InlineData("whatsapp", "reaction", "{}", "conteudo.reacao")]
    [InlineData("whatsapp", "reaction", """{"reacao":{"emoji":"👍"}}""", "conteudo.reacao.mensagemId")]
    [InlineData("whatsapp", "reaction", """{"reacao":{"mensagemId":"x","emoji":"👍"}}""", "conteudo.reacao.mensagemId")]
    [InlineData("whatsapp", "reaction", """{"reacao":{"mensagemId":"123e4567-e89b-12d3-a456-426614174000"}}""", "conteudo.reacao.emoji")]
    public void What_a_channel_does_not_take_names_the_field(string channel, string type, string content, string field)
    {
        Assert.Null(Read(channel, type, content, out var errors));
        Assert.Equal(field, Assert.Single(errors).Key);
    }

    [Theory]
    [InlineData("whatsapp", 1024)]
    [InlineData("instagram", 4096)]
    public void A_caption_has_a_length(string channel, int most)
    {
        Assert.NotNull(Read(channel, "image", Content(most), out _));
        Assert.Null(Read(channel, "image", Content(most + 1), out var errors));
        Assert.Equal("conteudo.legenda", Assert.Single(errors).Key);

        static string Content(int length) => $$"""{"midia":{"id":"1"},"legenda":"{{new string('é', length)}}"}""";
    }

    [Fact]
    public void An_account_is_part_of_what_is_asked_for()
    {
        using var plain = JsonDocument.Parse(Bodies.Seed);
        using var named = JsonDocument.Parse(Bodies.With("conta", "\" 700800900 \""));
        var errors = new FieldErrors();
        var one = PostedMessage.TryRead(named.RootElement, errors)!;
        Assert.Equal("700800900", one.NamedAccount);
        Assert.NotEqual(PostedMessage.TryRead(plain.RootElement, errors)!.Hash(), one.Hash());
        // Which account was chosen is not: it may be another one at the next try.
        Assert.Equal(one.Hash(), (one with { AccountId = "1" }).Hash());
    }

    private static PostedMessage? Read(string channel, string type, string content, out FieldErrors errors)
    {
        var body = Bodies.With("conteudo", content)
            .Replace("\"tipo\":\"text\"", $"\"tipo\":\"{type}\"", StringComparison.Ordinal);
        using var document = JsonDocument.Parse($"{body[..^1]},\"canal\":\"{channel}\"}}");
        errors = new();
        return PostedMessage.TryRead(document.RootElement, errors);
    }
}
