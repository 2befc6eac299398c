using System.Text.Json.Nodes;

namespace Chat.Tests.Api;

/// <summary>Bodies of <c>POST /v1/messages</c>.</summary>
internal static class Bodies
{
    /// <summary>As the seed's curl sends it.</summary>
    public const string Seed = """
        {
            "conversaId": "123e4567-e89b-12d3-a456-426614174000",
            "organizacaoId": "456e7890-e89b-12d3-a456-426614174000",
            "usuarioRemetenteId": "789e1234-e89b-12d3-a456-426614174000",
            "tipo": "text",
            "conteudo": {
              "texto": "Olá, mundo!"
            },
            "direcao": "outbound"
          }
        """;

    public static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");
    public static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");
    public static readonly Guid User = Guid.Parse("789e1234-e89b-12d3-a456-426614174000");

    // By text, since what is put in may be JSON that a document model refuses.
    public static string With(string field, string json) => $"{Without(field).TrimEnd()[..^1]},\"{field}\":{json}}}";

    public static string Without(string field)
    {
        var body = JsonNode.Parse(Seed)!.AsObject();
        body.Remove(field);
        return body.ToJsonString();
    }

    public static string WithText(string text) => With("conteudo", new JsonObject { ["texto"] = text }.ToJsonString());
}
