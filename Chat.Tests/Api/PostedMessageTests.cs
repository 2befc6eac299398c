using System.Text;
using System.Text.Json.Nodes;
using Chat.Api.Http;
using Chat.Api.Messages;
using Chat.Api.Problems;
using Chat.Api.Texts;

namespace Chat.Tests.Api;

/// <summary>What <c>POST /v1/messages</c> takes, and what it says of what it doesn't.</summary>
public sealed class PostedMessageTests
{
    [Fact]
    public void The_seeds_body_is_a_whatsapp_text()
    {
        var message = Read(Bodies.Seed, out var errors);

        Assert.Empty(errors);
        Assert.NotNull(message);
        Assert.Equal(Guid.Parse("123e4567-e89b-12d3-a456-426614174000"), message.ConversationId);
        Assert.Equal(Guid.Parse("456e7890-e89b-12d3-a456-426614174000"), message.OrganizationId);
        Assert.Equal(Guid.Parse("789e1234-e89b-12d3-a456-426614174000"), message.SenderId);
        Assert.Equal("whatsapp", message.Channel);
        Assert.Equal("text", message.Type);
        Assert.Equal("""{"texto":"Olá, mundo!"}""", message.Content);
        Assert.Null(message.Recipient);
    }

    [Theory]
    [InlineData("canal", "\"Instagram\"", "instagram")]
    [InlineData("canal", "\"whatsapp\"", "whatsapp")]
    [InlineData("canal", "null", "whatsapp")]
    public void A_channel_is_named_in_any_case_and_is_whatsapp_where_it_is_missing(string field, string json, string expected)
    {
        var message = Read(Bodies.With(field, json), out var errors);

        Assert.Empty(errors);
        Assert.Equal(expected, message!.Channel);
    }

    [Fact]
    public void A_recipient_is_kept_without_the_spaces_around_it() =>
        Assert.Equal("+55 11 90000-0000", Read(Bodies.With("destinatario", "\" +55 11 90000-0000 \""), out _)!.Recipient);

    [Fact]
    public void A_direction_that_is_missing_is_outbound()
    {
        Assert.NotNull(Read(Bodies.Without("direcao"), out var errors));
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("conversaId", null)]
    [InlineData("conversaId", "\"123\"")]
    [InlineData("conversaId", "5")]
    [InlineData("organizacaoId", null)]
    [InlineData("organizacaoId", "\"\"")]
    [InlineData("usuarioRemetenteId", null)]
    [InlineData("usuarioRemetenteId", "{}")]
    [InlineData("tipo", null)]
    [InlineData("tipo", "\"pigeon\"")]
    [InlineData("tipo", "1")]
    [InlineData("direcao", "\"inbound\"")]
    [InlineData("direcao", "false")]
    [InlineData("conteudo", null)]
    [InlineData("conteudo", "\"texto\"")]
    [InlineData("conteudo.texto", "")]
    [InlineData("conteudo.texto", "5")]
    [InlineData("conteudo.texto", "\"  \"")]
    [InlineData("conteudo.texto", "\"\\ud800\"")]
    [InlineData("canal", "\"pigeon\"")]
    [InlineData("canal", "[]")]
    [InlineData("destinatario", "5")]
    [InlineData("destinatario", "\"a\\u0000b\"")]
    public void A_field_that_is_wrong_is_named(string field, string? json)
    {
        var body = field != "conteudo.texto" ? (json is null ? Bodies.Without(field) : Bodies.With(field, json))
            : Bodies.With("conteudo", json!.Length == 0 ? "{}" : $$"""{"texto":{{json}}}""");

        Assert.Null(Read(body, out var errors));
        var error = Assert.Single(errors);
        Assert.Equal(field, error.Key);
        Assert.NotEmpty(error.Value.English);
    }

    [Fact]
    public void Every_field_that_is_wrong_is_named_at_once()
    {
        Assert.Null(Read("""{"canal":"x"}""", out var errors));
        Assert.Equal(
            ["canal", "conteudo", "conversaId", "organizacaoId", "tipo", "usuarioRemetenteId"],
            errors.Select(e => e.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_text_has_4096_characters_at_most()
    {
        Assert.NotNull(Read(Bodies.WithText(new string('é', 4096)), out _));
        Assert.Null(Read(Bodies.WithText(new string('é', 4097)), out var errors));
        Assert.Equal("conteudo.texto", Assert.Single(errors).Key);
    }

    [Fact]
    public void A_broken_character_anywhere_in_the_content_is_told()
    {
        Assert.Null(Read(Bodies.With("conteudo", """{"texto":"a","outro":["\udc00"]}"""), out var errors));
        Assert.Equal("conteudo.outro", Assert.Single(errors).Key);
    }

    [Theory]
    [InlineData("conversaId")]
    [InlineData("organizacaoId")]
    [InlineData("usuarioRemetenteId")]
    public void No_id_is_all_zeros(string field)
    {
        Assert.Null(Read(Bodies.With(field, $"\"{Guid.Empty}\""), out var errors));
        Assert.Equal(field, Assert.Single(errors).Key);
    }

    [Fact]
    public void A_name_that_can_not_be_decoded_is_an_error_and_throws_nothing()
    {
        Assert.Null(Read("""{"\ud800":1}""", out var errors));
        Assert.Equal("$", Assert.Single(errors).Key);
    }

    [Fact]
    public void Other_members_of_the_content_are_kept() =>
        Assert.Equal(
            """{"texto":"a","idioma":"pt"}""", Read(Bodies.With("conteudo", """{ "texto" : "a", "idioma": "pt" }"""), out _)!.Content);

    [Fact]
    public void Two_bodies_that_ask_the_same_have_one_hash_whatever_their_spaces_and_order()
    {
        var reordered = """
            {"direcao":"OUTBOUND","conteudo":{ "texto": "Ol\u00e1, mundo!" },"tipo":"text","canal":"WhatsApp",
            "usuarioRemetenteId":"789E1234-E89B-12D3-A456-426614174000",
            "organizacaoId":"456e7890-e89b-12d3-a456-426614174000","conversaId":"123e4567-e89b-12d3-a456-426614174000"}
            """;

        Assert.Equal(Read(Bodies.Seed, out _)!.Hash(), Read(reordered, out _)!.Hash());
    }

    [Fact]
    public void Two_contents_whose_members_are_in_another_order_have_one_hash_and_two_whose_elements_are_do_not()
    {
        const string content = """{"midia":{"id":"42","x":[{"a":1,"b":"\u003c"},2]},"legenda":"c"}""";
        var one = ReadImage(content);

        Assert.Equal(one.Hash(), ReadImage("""{"legenda":"c","midia":{"x":[{"b":"<","a":1},2],"id":"42"}}""").Hash());
        Assert.NotEqual(one.Hash(), ReadImage("""{"legenda":"c","midia":{"x":[2,{"b":"<","a":1}],"id":"42"}}""").Hash());
        // The order that was posted is the one that is sent.
        Assert.StartsWith("{\"midia\":{\"id\"", one.Content, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hash_that_an_older_version_kept_is_known()
    {
        // Of the members as they were posted.
        const string kept = "045ba7c2613510f6b7d3b45a980af1f182371d6774640802d7d24091f9996eaa";

        Assert.True(ReadImage("""{"midia":{"id":"42"},"legenda":"c"}""").IsEarlierHash(kept));
        Assert.False(ReadImage("""{"midia":{"id":"43"},"legenda":"c"}""").IsEarlierHash(kept));
    }

    private static PostedMessage ReadImage(string content)
    {
        var body = JsonNode.Parse(Bodies.With("conteudo", content))!.AsObject();
        body["tipo"] = "image";
        return Read(body.ToJsonString(), out _)!;
    }

    [Theory]
    [InlineData("conversaId", "\"00000000-e89b-12d3-a456-426614174000\"")]
    [InlineData("conteudo", "{\"texto\":\"outro\"}")]
    [InlineData("canal", "\"instagram\"")]
    [InlineData("destinatario", "\"1\"")]
    public void Two_bodies_that_differ_in_anything_have_two_hashes(string field, string json) =>
        Assert.NotEqual(Read(Bodies.Seed, out _)!.Hash(), Read(Bodies.With(field, json), out _)!.Hash());

    [Theory]
    [InlineData("", "empty")]
    [InlineData("{\n  \"tipo\": oops\n}", "line 2, byte 11")]
    [InlineData("{", "line 1, byte 2")]
    [InlineData("{\"a\":1,\"a\":2}", "twice")]
    [InlineData("{\"a\":1,\"a\":2", "line 1")]
    [InlineData("[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "deeper than 16")]
    public void Json_that_cannot_be_read_says_what_or_where(string text, string said)
    {
        Assert.Null(JsonBody.Parse(Encoding.UTF8.GetBytes(text), out var error));
        Assert.Contains(said, JsonBody.TextOf(error!).English, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_as_deep_as_allowed_is_read() =>
        Assert.NotNull(JsonBody.Parse(Encoding.UTF8.GetBytes("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"), out _));

    [Fact]
    public void Bytes_that_are_no_utf8_are_told()
    {
        Assert.Null(JsonBody.Parse(new byte[] { 0x22, 0xff, 0x22 }, out var error));
        Assert.Contains("UTF-8", JsonBody.TextOf(error!).English, StringComparison.Ordinal);
    }

    private static PostedMessage? Read(string json, out List<KeyValuePair<string, UserText>> errors)
    {
        using var body = JsonBody.Parse(Encoding.UTF8.GetBytes(json), out var unreadable);
        if (body is null)
        {
            errors = [new(unreadable!.Field ?? JsonBody.Root, JsonBody.TextOf(unreadable))];
            return null;
        }
        var found = new FieldErrors();
        var message = PostedMessage.TryRead(body.RootElement, found);
        errors = [.. found];
        return message;
    }
}
