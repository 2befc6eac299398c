using Microsoft.AspNetCore.WebUtilities;

namespace Chat.Api.Texts;

/// <summary>
/// Every text that end users read: <c>message</c> of an error frame, <c>title</c>, <c>detail</c> and <c>errors</c> of problem
/// details. Logs are in English and are written where they are logged.
/// </summary>
public static class UserTexts
{
    // --- Error frames of the WebSocket. A client of the first version knows "Mensagem inválida".

    public static UserText InvalidMessage { get; } = new("Invalid message", "Mensagem inválida");

    public static UserText UnknownType { get; } = new(
        "Invalid message: type must be subscribe, unsubscribe, ping, auth or shown",
        "Mensagem inválida: type deve ser subscribe, unsubscribe, ping, auth ou shown");

    public static UserText NotText { get; } = new(
        "Invalid message: send JSON in text frames", "Mensagem inválida: envie JSON em quadros de texto");

    public static UserText TooManyFrames { get; } = new(
        "Too many frames: wait before reconnecting", "Quadros demais: espere antes de reconectar");

    public static UserText NoConversationId { get; } = new("conversationId: send a UUID", "conversationId: informe um UUID");

    public static UserText NoToken { get; } = new("token: send a JWT", "token: informe um JWT");

    public static UserText InvalidToken { get; } = new(
        "token: invalid, expired or another user's", "token: inválido, expirado ou de outro usuário");

    public static UserText TokenUnavailable { get; } = new(
        "token: could not be checked now, try again", "token: não pôde ser verificado agora, tente de novo");

    public static UserText ForeignConversation { get; } = new(
        "conversationId: another organization's conversation", "conversationId: conversa de outra organização");

    public static UserText FrameTooBig(int mostBytes) => new(
        $"Invalid message: at most {mostBytes} bytes", $"Mensagem inválida: no máximo {mostBytes} bytes");

    public static UserText BadEvents(string names) => new(
        $"events: send an array of one or more of {names}", $"events: informe uma lista com um ou mais de {names}");

    public static UserText BadSince(long most) => new(
        $"since: send the seq of the last frame received, from 0 to {most}",
        $"since: informe o seq do último quadro recebido, de 0 a {most}");

    public static UserText BadShown(int most) => new(
        $"items: send 1 to {most} statuses shown, each with conversationId, messageId, timestamp and ago (0 to 60000 ms)",
        $"items: informe de 1 a {most} status exibidos, cada um com conversationId, messageId, timestamp e ago (0 a 60000 ms)");

    public static UserText TooManySubscriptions(int most) => new(
        $"At most {most} subscriptions per connection: cancel one first",
        $"No máximo {most} inscrições por conexão: cancele alguma antes");

    // --- Titles of problem details.

    public static UserText Title(int status)
    {
        var english = ReasonPhrases.GetReasonPhrase(status);
        return new(english, status switch
        {
            400 => "Requisição inválida",
            401 => "Não autenticado",
            403 => "Acesso negado",
            404 => "Não encontrado",
            405 => "Método não permitido",
            408 => "Tempo esgotado",
            409 => "Conflito",
            413 => "Conteúdo grande demais",
            415 => "Tipo de conteúdo não suportado",
            422 => "Conteúdo não processável",
            426 => "Atualização de protocolo necessária",
            429 => "Requisições demais",
            500 => "Erro interno do servidor",
            501 => "Não implementado",
            503 => "Serviço indisponível",
            _ => english,
        });
    }

    // --- Problems of a request as a whole.

    public static UserText InternalError { get; } = new("Internal error.", "Erro interno.");

    public static UserText Unavailable { get; } = new(
        "A part that this API needs does not answer. Try again later.",
        "Uma parte de que esta API precisa não responde. Tente de novo mais tarde.");

    public static UserText Refused { get; } = new(
        "This can't be kept: it is too large, or one of its values is. Sending it again is useless.",
        "Não é possível guardar isto: é grande demais, ou um de seus valores é. Enviar de novo não adianta.");

    public static UserText SendToken { get; } = new(
        "Send a token: Authorization: Bearer <token>.", "Envie um token: Authorization: Bearer <token>.");

    public static UserText RefusedToken { get; } = new(
        "The token is malformed, expired, or not signed by a key that this API accepts.",
        "O token está malformado, expirado ou não foi assinado por uma chave que esta API aceite.");

    public static UserText SendSocketToken { get; } = new(
        "Give a valid token: as a subprotocol bearer.<token> beside chat.v1, as access_token in the query, or as Authorization: Bearer.",
        "Informe um token válido: como subprotocolo bearer.<token> ao lado de chat.v1, como access_token na URL ou como "
        + "Authorization: Bearer.");

    public static UserText SendCallbackKey { get; } = new(
        "Send the channel's key, the setting Callbacks:Keys: Authorization: Bearer <key>.",
        "Envie a chave do canal, a configuração Callbacks:Keys: Authorization: Bearer <chave>.");

    public static UserText NoSuchWebhook { get; } = new(
        "No provider's app is set up here: see the setting Accounts:Apps.",
        "Nenhum aplicativo de provedor está configurado aqui: veja a configuração Accounts:Apps.");

    public static UserText WrongVerifyToken { get; } = new(
        "hub.mode must be subscribe, hub.verify_token the app's, and hub.challenge there.",
        "hub.mode deve ser subscribe, hub.verify_token o do aplicativo, e hub.challenge deve existir.");

    public static UserText WrongSignature { get; } = new(
        "X-Hub-Signature-256 is not the signature of this body by the app's secret.",
        "X-Hub-Signature-256 não é a assinatura deste corpo pela chave secreta do aplicativo.");

    public static UserText KeyOfAnotherChannel(string channel) => new(
        $"the key is for the channel {channel} alone.", $"a chave é só do canal {channel}.");

    public static UserText LocalPagesOnly { get; } = new(
        "Tokens are made on this machine only, for this API's own pages. Open the demo page from this API, or ask without a browser "
        + "and paste the token.",
        "Tokens são feitos apenas nesta máquina, para as páginas desta API. Abra a página de demonstração por esta API, ou peça o "
        + "token sem um navegador e cole-o.");

    public static UserText ForeignPage { get; } = new(
        "A page of this origin may not connect: the setting Cors:Origins names those that may.",
        "Uma página desta origem não pode conectar: a configuração Cors:Origins diz quais podem.");

    public static UserText WatchOnly { get; } = new(
        "The token has no tenant_id: it may watch, and not post.",
        "O token não tem tenant_id: permite acompanhar, mas não enviar.");

    public static UserText OperatorsOnly { get; } = new(
        "This is for operators: send a token with the claim role, of the value operator.",
        "Isto é para operadores: envie um token com a claim role de valor operator.");

    public static UserText AdminsOnly { get; } = new(
        "This is for administrators of an organization: send a token with the claim role, of the value admin.",
        "Isto é para administradores de uma organização: envie um token com a claim role de valor admin.");

    public static UserText AdminWithoutOrganization { get; } = new(
        "The token has no tenant_id: accounts belong to an organization.",
        "O token não tem tenant_id: contas pertencem a uma organização.");

    public static UserText NoSuchAccount { get; } = new(
        "Your organization has no such account.", "A sua organização não tem essa conta.");

    public static UserText AccountIsConnected { get; } = new(
        "This account is connected already. If it is yours, change it with PATCH; if another organization has it, that one must remove it "
        + "first.",
        "Esta conta já está conectada. Se ela é sua, mude-a com PATCH; se é de outra organização, ela deve removê-la antes.");

    public static UserText TooManyAccounts(int most) => new(
        $"Your organization has {most} accounts on this channel, which is the most there may be. Remove one that is no longer used; "
        + "the setting Accounts:MaxPerChannel says how many.",
        $"Sua organização tem {most} contas neste canal, o máximo. Remova uma que não é mais usada; a configuração "
        + "Accounts:MaxPerChannel diz quantas.");

    public static UserText ProviderNotNow { get; } = new(
        "The provider does not say now whose this account is. Try again shortly.",
        "O provedor não diz agora de quem é esta conta. Tente de novo em instantes.");

    public static UserText AccountIsConfigured { get; } = new(
        "This account comes from the configuration: the setting Accounts:Own. Change it there.",
        "Esta conta vem da configuração, Accounts:Own. Mude-a lá.");

    public static UserText NoEncryptionKey { get; } = new(
        "Credentials can't be kept: the setting Accounts:EncryptionKeys is missing. openssl rand -base64 32 makes a key.",
        "Não é possível guardar credenciais: falta a configuração Accounts:EncryptionKeys. openssl rand -base64 32 cria uma chave.");

    public static UserText NoSuchDeadLetter { get; } = new(
        "There is no such dead letter: it may have expired. List them again.",
        "Essa mensagem morta não existe: pode ter expirado. Liste-as de novo.");

    public static UserText DeadLetterIsBack { get; } = new(
        "It was put back already. Where it fails again, that is a new dead letter.",
        "Já foi devolvida. Se falhar de novo, será uma nova mensagem morta.");

    public static UserText DeadLetterIsGone { get; } = new(
        "It can't be put back: its topic no longer has the event that it points at.",
        "Não pode ser devolvida: o tópico não tem mais o evento para o qual ela aponta.");

    public static UserText DeadLetterIsRefused { get; } = new(
        "It can't be put back: the log refuses the event, as it is too large or invalid.",
        "Não pode ser devolvida: o log recusa o evento, por ser grande demais ou inválido.");

    public static UserText TooManyPosts { get; } = new(
        "This organization posts faster than it may. Wait as Retry-After says.",
        "Esta organização envia mais rápido do que pode. Espere o que diz Retry-After.");

    public static UserText TooMuchToDo { get; } = new(
        "More is posted than can be worked off in time. Wait as Retry-After says.",
        "Há mais envios do que se consegue processar a tempo. Espere o que diz Retry-After.");

    public static UserText TooManyReads { get; } = new(
        "Messages are read faster than they may be. Wait as Retry-After says.",
        "Mensagens são lidas mais rápido do que se pode. Espere o que diz Retry-After.");

    public static UserText TooManyHandshakes { get; } = new(
        "Too many connections are opened from this address. Wait as Retry-After says.",
        "Conexões demais são abertas deste endereço. Espere o que diz Retry-After.");

    public static UserText BodyTooSlow { get; } = new(
        "The body did not come in time: send it again.", "O corpo não chegou a tempo: envie-o de novo.");

    public static UserText NoRoomForBody { get; } = new(
        "Too much is received at once. Wait as Retry-After says.",
        "Recebe-se coisa demais ao mesmo tempo. Espere o que diz Retry-After.");

    public static UserText NoSuchMessage { get; } = new("There is no such message.", "Essa mensagem não existe.");

    public static UserText NoFile { get; } = new(
        "This message has no file, or the provider has it no more.", "Essa mensagem não tem arquivo, ou o provedor não o tem mais.");

    public static UserText FileTooLarge { get; } = new(
        "The file is too large to be passed on.", "O arquivo é grande demais para ser repassado.");

    public static UserText FileNotNow { get; } = new(
        "The provider does not give the file now: try again.", "O provedor não entrega o arquivo agora: tente de novo.");

    public static UserText TooManyFiles { get; } = new(
        "Too many files are fetched at once. Wait as Retry-After says.",
        "Arquivos demais são buscados ao mesmo tempo. Espere o que diz Retry-After.");

    public static UserText NoSuchConversation { get; } = new(
        "There is no such conversation, or nobody wrote in it yet.", "Essa conversa não existe, ou ninguém escreveu nela ainda.");

    public static UserText NoSuchMessageYet { get; } = new(
        "There is no such message, or not yet: one just accepted may be on its way.",
        "Essa mensagem não existe, ou ainda não: uma recém-aceita pode estar a caminho.");

    public static UserText WebSocketOnly { get; } = new(
        "This address takes WebSocket only.", "Este endereço aceita apenas WebSocket.");

    public static UserText TooManyConnections(int most) => new(
        $"No more than {most} connections of one user: close one first.",
        $"No máximo {most} conexões por usuário: feche alguma antes.");

    /// <param name="what">What the framework says of it.</param>
    public static UserText UnreadableRequest(string what) => new(what, $"A requisição não pôde ser lida: {what}");

    // --- Problems of a body or of one of its fields, each after the field's name.

    public static UserText SendJson { get; } = new("send application/json in UTF-8.", "envie application/json em UTF-8.");

    public static UserText NotThisCharset(string charset) => new(
        $"the charset {charset} is not read here; send UTF-8.", $"o charset {charset} não é lido aqui; envie UTF-8.");

    public static UserText NoSuchEncoding(string encoding) => new(
        $"{encoding} is not read here; send the body as it is, without an encoding.",
        $"{encoding} não é lido aqui; envie o corpo como ele é, sem codificação.");

    public static UserText EmptyBody { get; } = new(
        "the body is empty; send a JSON object.", "o corpo está vazio; envie um objeto JSON.");

    public static UserText NotUtf8 { get; } = new("the body is not valid UTF-8.", "o corpo não é UTF-8 válido.");

    public static UserText DuplicateFields { get; } = new(
        "names a field twice; send each field once.", "repete um campo; envie cada campo uma só vez.");

    public static UserText NotAnObject { get; } = new("must be a JSON object.", "deve ser um objeto JSON.");

    public static UserText NotAString { get; } = new("must be a string.", "deve ser um texto.");

    public static UserText HalfSurrogate { get; } = new(
        "holds half of a surrogate pair; send whole characters.", "tem metade de um par substituto; envie caracteres inteiros.");

    public static UserText MissingId { get; } = new("missing; send a UUID.", "faltando; envie um UUID.");

    public static UserText NotAnId { get; } = new(
        "must be a UUID, as 123e4567-e89b-12d3-a456-426614174000.",
        "deve ser um UUID, como 123e4567-e89b-12d3-a456-426614174000.");

    public static UserText NotACursor { get; } = new(
        "must be the next of the page before.", "deve ser o next da página anterior.");

    public static UserText NotTheTokensOrganization { get; } = new(
        "is not the token's tenant_id.", "não é o tenant_id do token.");

    public static UserText NotTheTokensUser { get; } = new("is not the token's user.", "não é o usuário do token.");

    public static UserText OwnedByAnother { get; } = new("belongs to another organization.", "pertence a outra organização.");

    public static UserText HiddenConversation { get; } = new(
        "is a conversation that this token may not see.", "é uma conversa que este token não pode ver.");

    public static UserText ReusedKey { get; } = new(
        "was used for another body; take a new key for a new message.",
        "foi usada com outro corpo; use uma chave nova para uma mensagem nova.");

    public static UserText NotContent { get; } = new(
        "must be an object, as {\"texto\":\"Olá\"}.", "deve ser um objeto, como {\"texto\":\"Olá\"}.");

    public static UserText NoText { get; } = new(
        "missing or empty; send the message's text.", "faltando ou vazio; envie o texto da mensagem.");

    public static UserText IdOrLink { get; } = new("send either id or link.", "envie id ou link, um dos dois.");

    public static UserText NotALink(int most) => new(
        $"must be an http or https URL of up to {most} characters without a password.",
        $"deve ser uma URL http ou https de até {most} caracteres, sem senha.");

    public static UserText NoCaption { get; } = new("an audio has no text beside it.", "um áudio não tem texto ao lado.");

    public static UserText NotAnArray { get; } = new("must be an array.", "deve ser uma lista.");

    public static UserText UnknownAccount { get; } = new(
        "this organization has no such account on this channel.", "esta organização não tem essa conta neste canal.");

    public static UserText NameAnAccount(int accounts) => new(
        $"missing; this organization has {accounts} accounts on this channel, name one.",
        $"faltando; esta organização tem {accounts} contas neste canal, informe uma.");

    public static UserText NotAPhoneNumber { get; } = new(
        "must be a phone number with its country's code, or WhatsApp's id of a user.",
        "deve ser um telefone com o código do país, ou o id de usuário do WhatsApp.");

    public static UserText ControlCharacters { get; } = new("holds control characters.", "tem caracteres de controle.");

    public static UserText MissingField { get; } = new("missing.", "faltando.");

    public static UserText WrongType { get; } = new("has the wrong type.", "tem o tipo errado.");

    public static UserText UnknownStatus { get; } = new(
        "must be SENT, DELIVERED, READ or FAILED.", "deve ser SENT, DELIVERED, READ ou FAILED.");

    public static UserText BodyTooBig(int mostBytes) => new(
        $"the body may have {mostBytes} bytes at most.", $"o corpo pode ter no máximo {mostBytes} bytes.");

    /// <param name="line">From 1.</param>
    /// <param name="place">The byte within the line, from 1.</param>
    public static UserText NotJson(long line, long place) => new(
        $"not valid JSON at line {line}, byte {place}.", $"JSON inválido na linha {line}, byte {place}.");

    public static UserText TooDeep(int most) => new(
        $"is nested deeper than {most} levels.", $"tem mais de {most} níveis de aninhamento.");

    public static UserText NotInRange(int least, int most) => new(
        $"must be a whole number from {least} to {most}.", $"deve ser um número inteiro de {least} a {most}.");

    public static UserText NotOneOf(string values) => new($"must be one of {values}.", $"deve ser um destes: {values}.");

    public static UserText TooLong(int characters, int most) => new(
        $"has {characters} characters; {most} are the most.", $"tem {characters} caracteres; o máximo é {most}.");

    public static UserText LongerThan(long most) => new($"may have {most} at most.", $"pode ter no máximo {most}.");

    public static UserText NotAKey(int most) => new(
        $"must be one value of 1 to {most} visible ASCII characters.",
        $"deve ser um só valor de 1 a {most} caracteres ASCII visíveis.");

    public static UserText NotATime { get; } = new(
        "must be a time, as 2026-11-30T12:00:00Z.", "deve ser um horário, como 2026-11-30T12:00:00Z.");

    public static UserText NotStrings { get; } = new("must be a list of strings.", "deve ser uma lista de textos.");

    public static UserText NotAnAccountId(int most) => new(
        $"must be the provider's id: 1 to {most} digits, and not the number that people see.",
        $"deve ser o id do provedor: de 1 a {most} dígitos, e não o número que as pessoas veem.");

    public static UserText NoSuchApp { get; } = new(
        "is no app of this channel: the setting Accounts:Apps names them.",
        "não é um app deste canal: a configuração Accounts:Apps diz quais são.");

    public static UserText NeedsProof { get; } = new(
        "is needed to show that the account is yours, since its webhooks come through an app that others share; or send appSecrets, of an "
        + "app of your own.",
        "é necessário para mostrar que a conta é sua, pois seus webhooks vêm por um app compartilhado; ou envie appSecrets, de um app "
        + "próprio.");

    public static UserText ProvesNothing { get; } = new(
        "does not show that the account is yours: the provider doesn't show accountId to it. Send a token of this account that may read "
        + "it (WhatsApp: whatsapp_business_management), or correct the id.",
        "não mostra que a conta é sua: o provedor não mostra accountId a ele. Envie um token desta conta que possa lê-la (WhatsApp: "
        + "whatsapp_business_management), ou corrija o id.");

    public static UserText AppBesideSecrets { get; } = new(
        "stands beside appSecrets or verifyTokens, which are of an app of your own: send one or the other.",
        "veio ao lado de appSecrets ou verifyTokens, que são de um app próprio: envie um ou outro.");

    public static UserText NotSecrets(int count, int characters) => new(
        $"may hold {count} at most, each of 1 to {characters} characters.",
        $"pode ter {count} no máximo, cada um de 1 a {characters} caracteres.");

    public static UserText WrongCount(int most) => new($"must hold 1 to {most} events.", $"deve ter de 1 a {most} eventos.");
}
