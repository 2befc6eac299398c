using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Chat.Api.Messages;

/// <summary>The body of <c>POST /v1/messages</c> for the OpenAPI document; <see cref="PostedMessage"/> reads it.</summary>
internal sealed record PostMessageBody(
    [property: Description("The conversation; the first organization that posts to it owns it.")] Guid ConversaId,
    [property: Description("The token's tenant_id.")] Guid OrganizacaoId,
    [property: Description("The token's user.")] Guid UsuarioRemetenteId,
    [property: Description("What conteudo holds: text.")] string Tipo,
    TextContent Conteudo,
    [property: Description("outbound, also where it is missing.")] string? Direcao = null,
    [property: Description("A name of GET /v1/channels; the first of them where it is missing.")] string? Canal = null,
    [property: Description("The recipient's address on the channel; kept with the conversation.")]
    [property: MaxLength(PostedMessage.MaxRecipient)] string? Destinatario = null);

internal sealed record TextContent([property: MinLength(1), MaxLength(PostedMessage.MaxText)] string Texto);
