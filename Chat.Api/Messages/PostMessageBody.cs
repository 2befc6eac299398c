using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Chat.Core.Accounts;

namespace Chat.Api.Messages;

/// <summary>The body of <c>POST /v1/messages</c> for the OpenAPI document; <see cref="PostedMessage"/> reads it.</summary>
internal sealed record PostMessageBody(
    [property: Description("The conversation; the first organization that posts to it owns it.")] Guid ConversaId,
    [property: Description("The token's tenant_id.")] Guid OrganizacaoId,
    [property: Description("The token's user.")] Guid UsuarioRemetenteId,
    [property: Description("What conteudo holds. Instagram has no template and no interactive.")] string Tipo,
    MessageContentBody Conteudo,
    [property: Description("outbound, also where it is missing.")] string? Direcao = null,
    [property: Description("A name of GET /v1/channels; the first of them where it is missing.")] string? Canal = null,
    [property: Description("The recipient's address on the channel; kept with the conversation.")]
    [property: MaxLength(PostedMessage.MaxRecipient)] string? Destinatario = null,
    [property: Description(
        "The id of the account that it goes from, where the organization has several on the channel and the conversation's person has "
        + "written to none of them.")]
    [property: MaxLength(AccountKey.MaxId)] string? Conta = null);

/// <summary>The content by <c>tipo</c>; members of other types are kept and mean nothing.</summary>
internal sealed record MessageContentBody(
    [property: Description("Of text.")]
    [property: MinLength(1), MaxLength(PostedMessage.MaxText)] string? Texto = null,
    [property: Description("Of image, document, audio and video.")] MediaContent? Midia = null,
    [property: Description("The text beside a file; an audio on WhatsApp has none.")] string? Legenda = null,
    [property: Description("Of template.")] TemplateContent? Modelo = null,
    [property: Description("Of interactive: Meta's object, with up to 3 buttons or 10 rows.")] JsonElement? Interativo = null,
    [property: Description("Of reaction.")] ReactionContent? Reacao = null,
    [property: Description("The message that this one replies to.")] Guid? RespostaA = null);

internal sealed record MediaContent(
    [property: Description("The file's id at the provider; either this or link.")] string? Id = null,
    [property: Description("Where the provider can get the file, without a redirect and a login.")] string? Link = null,
    [property: Description("The media type; checked against what the channel takes.")] string? TipoMime = null,
    string? NomeArquivo = null);

internal sealed record TemplateContent(
    string Nome,
    [property: Description("As pt_BR.")] string Idioma,
    [property: Description("Meta's components.")] JsonElement[]? Componentes = null);

internal sealed record ReactionContent(
    [property: Description("The message that it is about.")] Guid MensagemId,
    [property: Description("Empty takes it back.")] string Emoji);
