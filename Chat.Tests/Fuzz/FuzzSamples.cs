namespace Chat.Tests.Fuzz;

/// <summary>One valid input of each kind that comes in.</summary>
internal static class FuzzSamples
{
    public static readonly Guid Conversation = Guid.Parse("123e4567-e89b-12d3-a456-426614174000");
    public static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");
    public static readonly Guid User = Guid.Parse("789e1234-e89b-12d3-a456-426614174000");

    public static readonly FuzzSample[] Statuses =
    [
        FuzzSample.Of("""
            {"message_id":"0198c0de-0000-7000-8000-000000000001","channel":"whatsapp","status":"FAILED","timestamp":"2025-01-15T10:30:10Z",
            "conversation_id":"123e4567-e89b-12d3-a456-426614174000","organizacao_id":"456e7890-e89b-12d3-a456-426614174000",
            "reason":"não entregue 😀","provider_message_id":"wamid.1","joins":7}
            """),
        FuzzSample.Of("""{"messageId":"0198c0de-0000-7000-8000-000000000002","status":"read","timestamp":1736937010}"""),
        FuzzSample.Of("""{"providerMessageId":"wamid.2","channel":"instagram","status":"SENT"}"""),
    ];

    public static readonly FuzzSample[] Messages =
    [
        FuzzSample.Of("""
            {"message_id":"0198c0de-0000-7000-8000-000000000003","conversation_id":"123e4567-e89b-12d3-a456-426614174000",
            "organizacao_id":"456e7890-e89b-12d3-a456-426614174000","sender_id":"789e1234-e89b-12d3-a456-426614174000","channel":"whatsapp",
            "direction":"outbound","type":"text","content":{"texto":"Olá, mundo!"},"recipient":"+55 11 99999-0000",
            "timestamp":"2025-01-15T10:30:10.000Z"}
            """),
    ];

    public static readonly FuzzSample[] Posts =
    [
        FuzzSample.Of("""
            {"conversaId":"123e4567-e89b-12d3-a456-426614174000","organizacaoId":"456e7890-e89b-12d3-a456-426614174000",
            "usuarioRemetenteId":"789e1234-e89b-12d3-a456-426614174000","tipo":"text","conteudo":{"texto":"Olá, mundo!"},
            "direcao":"outbound","canal":"whatsapp","destinatario":"+55 11 99999-0000"}
            """),
    ];

    public static readonly FuzzSample[] TokenRequests =
    [
        FuzzSample.Of("""
            {"usuarioId":"789e1234-e89b-12d3-a456-426614174000","organizacaoId":"456e7890-e89b-12d3-a456-426614174000"}
            """),
    ];

    public static readonly FuzzSample[] Payloads =
    [
        FuzzSample.Of("""
            {"type":"message.status","messageId":"0198c0de-0000-7000-8000-000000000001",
            "conversationId":"123e4567-e89b-12d3-a456-426614174000",
            "status":"READ","channel":"whatsapp","timestamp":"2025-01-15T10:30:10.000Z","reason":"é","seq":1099511627783,
            "_":{"organization":"456e7890-e89b-12d3-a456-426614174000","prev":1099511627782,
            "traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}
            """),
        FuzzSample.Of("""{"type":"message.status","messageId":"abc123","status":"READ"}"""),
    ];

    public static readonly FuzzSample[] Frames =
    [
        FuzzSample.Of("""{"type":"subscribe","conversationId":"123e4567-e89b-12d3-a456-426614174000","since":7}"""),
        FuzzSample.Of("""{"type":"unsubscribe","conversationId":"123e4567-e89b-12d3-a456-426614174000"}"""),
        FuzzSample.Of("""{"type":"ping"}"""),
        FuzzSample.Of("""{"type":"auth","token":"a.b.c"}"""),
    ];
}
