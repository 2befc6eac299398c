using System.Text.Json.Nodes;

namespace Chat.Api.Http;

/// <summary>Examples of the OpenAPI document, by the operation's id: one message, as each operation shows it.</summary>
internal static class OpenApiExamples
{
    private const string Conversation = "123e4567-e89b-12d3-a456-426614174000";
    private const string Organization = "456e7890-e89b-12d3-a456-426614174000";
    private const string User = "789e1234-e89b-12d3-a456-426614174000";
    private const string MessageId = "019a3f5c-8c00-7abc-8def-0123456789ab";

    private const string Message =
        $$$"""
        {"messageId":"{{{MessageId}}}","conversationId":"{{{Conversation}}}","channel":"whatsapp","direction":"outbound","type":"text",
        "content":{"texto":"Olá, mundo!"},"senderId":"{{{User}}}","createdAt":"2025-11-01T12:00:00.000Z","status":"DELIVERED",
        "facts":{"sent":{"at":"2025-11-01T12:00:00.100Z","reason":null,"seq":1099511627776},
        "delivered":{"at":"2025-11-01T12:00:00.500Z","reason":null,"seq":1099511627777},"read":null,"failed":null},
        "reason":null,"position":1}
        """;

    private const string DeadLetter =
        """
        {"location":"messages.dlq[3]:17","topic":"messages","partition":3,"offset":17,"at":"2025-11-01T12:00:00.000Z","key":"a-key",
        "reason":"not valid JSON","bytes":8,"timesBack":0,"target":null,"canGoBack":true,"putBack":null}
        """;

    private const string Parked =
        $$"""
        {"subject":"{{MessageId}}","seq":1099511627776,"at":"2025-11-01T12:00:00.000Z","status":"SENT","channel":"whatsapp",
        "conversationId":null}
        """;

    private const string AccountOfDesk =
        $$"""
        {"channel":"whatsapp","accountId":"700800900","businessId":"900100200","displayName":"+55 11 3000-0001",
        "app":"{{Organization}}","webhookPath":"/v1/webhooks/whatsapp/{{Organization}}","state":"active","attention":null,
        "messagesPerSecond":null,"hasToken":true,"tokenExpiresAt":"2027-01-30T12:00:00.000Z","appSecrets":1,"verifyTokens":1,
        "source":"api","createdAt":"2026-12-01T12:00:00.000Z","updatedAt":"2026-12-01T12:00:00.000Z"}
        """;

    public static JsonNode? RequestOf(string operation) => Read(operation switch
    {
        "PostMessage" =>
            $$"""
            {"conversaId":"{{Conversation}}","organizacaoId":"{{Organization}}","usuarioRemetenteId":"{{User}}","tipo":"text",
            "conteudo":{"texto":"Olá, mundo!"},"direcao":"outbound"}
            """,
        "PostStatus" =>
            $$"""
            {"message_id":"{{MessageId}}","channel":"whatsapp","status":"DELIVERED","timestamp":"2025-11-01T12:00:00.500Z",
            "conversation_id":"{{Conversation}}","organizacao_id":"{{Organization}}"}
            """,
        "ConnectAccount" =>
            """
            {"channel":"whatsapp","accountId":"700800900","businessId":"900100200","displayName":"+55 11 3000-0001",
            "accessToken":"EAAG…","tokenExpiresAt":"2027-01-30T12:00:00Z","appSecrets":["…"],"verifyTokens":["…"]}
            """,
        "ChangeAccount" => """{"accessToken":"EAAG…","appSecrets":["the old one","the new one"]}""",
        "PostWebhook" or "PostAppWebhook" =>
            """
            {"object":"whatsapp_business_account","entry":[{"id":"900100200","changes":[{"field":"messages","value":
            {"messaging_product":"whatsapp","metadata":{"display_phone_number":"551130000001","phone_number_id":"700800900"},
            "statuses":[{"id":"wamid.OUT1","status":"delivered","timestamp":"1790000123","recipient_id":"5511900000002"}]}}]}]}
            """,
        "MintToken" => $$"""{"organizacaoId":"{{Organization}}","usuarioId":"{{User}}"}""",
        _ => null,
    });

    public static JsonNode? AnswerOf(string operation, string code) => Read((operation, code) switch
    {
        ("PostMessage", "202") =>
            $$"""
            {"messageId":"{{MessageId}}","conversationId":"{{Conversation}}","channel":"whatsapp","status":"ACCEPTED",
            "timestamp":"2025-11-01T12:00:00.000Z"}
            """,
        ("GetMessage", "200") => Message,
        ("ListMessages", "200") => $$"""{"items":[{{Message}}],"next":null,"seq":1099511627777}""",
        ("GetConversation", "200") =>
            $$"""
            {"conversationId":"{{Conversation}}","contact":{"channel":"whatsapp","accountId":"700800900","name":"Maria",
            "sendTo":"5511900000002","addresses":[{"kind":"phone","value":"5511900000002"}],"lastInboundAt":"2025-11-01T12:00:00.000Z",
            "window":{"open":true,"until":"2025-11-02T12:00:00.000Z"} } }
            """,
        ("MarkRead" or "ShowTyping", "202") => $$"""{"messageId":"{{MessageId}}"}""",
        ("GetTimeline", "200") =>
            $$"""
            {"messageId":"{{MessageId}}","conversationId":"{{Conversation}}","items":[{"seq":1099511627776,"status":"SENT",
            "reportedAt":"2025-11-01T12:00:00.100Z","at":"2025-11-01T12:00:00.100Z","receivedAt":"2025-11-01T12:00:00.104Z",
            "reason":null,"channel":"whatsapp","joins":null,"applied":true,"notApplied":null,"shown":"SENT"}]}
            """,
        ("ListChannels", "200") =>
            """
            {"items":[{"name":"whatsapp","displayName":"WhatsApp","reports":["SENT","DELIVERED","READ","FAILED"]},
            {"name":"instagram","displayName":"Instagram","reports":["SENT","READ","FAILED"]}]}
            """,
        ("PostStatus", "202") => """{"accepted":1,"rejected":[{"index":1,"field":"status","error":"missing."}]}""",
        ("PostStatus", "401") =>
            """
            {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.2","title":"Unauthorized","status":401,
            "detail":"Send the channel's key, the setting Callbacks:Keys: Authorization: Bearer <key>."}
            """,
        ("VerifyWebhook" or "VerifyAppWebhook", "200") => "\"1158201444\"",
        ("PostWebhook" or "PostAppWebhook", "401") =>
            """
            {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.2","title":"Unauthorized","status":401,
            "detail":"X-Hub-Signature-256 is not the signature of this body by the app's secret."}
            """,
        ("VerifyWebhook" or "VerifyAppWebhook" or "PostWebhook" or "PostAppWebhook", "404") =>
            """
            {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.5","title":"Not Found","status":404,
            "detail":"No provider's app is set up here: see the setting Accounts:Apps."}
            """,
        ("VerifyWebhook" or "VerifyAppWebhook", "403") =>
            """
            {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.4","title":"Forbidden","status":403,
            "detail":"hub.mode must be subscribe, hub.verify_token the app's, and hub.challenge there."}
            """,
        ("GetOperations", "200") =>
            """
            {"at":"2025-11-01T12:00:01.000Z","instance":{"name":"chat-api-1/1","startedAt":"2025-11-01T08:00:00.000Z"},
            "live":{"sockets":3,"subscriptions":4,"conversations":2,"posts":{"perSecond":0.5,"seconds":[0,1]},
            "ticks":{"perSecond":1.5,"seconds":[1,2]},"eventToSocket":{"count":90,"p50":4.2,"p90":9.1,"p99":30},
            "lastMinute":{"callbacks":12,"limited":0,"repairs":0,"conflations":0,"closes":1}},"audit":null,
            "engines":{"at":"2025-11-01T12:00:00.000Z","lag":[{"group":"status-worker","topic":"msg.status","events":0,"partitions":0}],
            "deadLetters":[{"topic":"messages","kept":1}],"parked":{"count":0,"hasMore":false,"oldest":null},
            "channels":[{"name":"whatsapp","displayName":"WhatsApp","waiting":0,
            "lastStatus":{"status":"READ","at":"2025-11-01T12:00:00.000Z","reason":null},"recent":3,"failed":0,"lastFailure":null}],
            "accounts":{"active":1,"needsAttention":1,"items":[{"channel":"instagram","accountId":"17841400000000001",
            "organizationId":"456e7890-e89b-12d3-a456-426614174000","state":"needs_attention",
            "attention":"The access token has expired, and can't be refreshed any more. Make a new one and send it.",
            "tokenExpiresAt":"2025-11-01T11:00:00.000Z","held":3,"hasMoreHeld":false}]},
            "checks":[{"name":"embedded-log","status":"Healthy","description":null}]}}
            """,
        ("ListDeadLetters", "200") => $$"""{"items":[{{DeadLetter}}],"next":null,"isWhole":true}""",
        ("GetDeadLetter", "200") => $$"""{"letter":{{DeadLetter}},"event":null,"traceParent":null}""",
        ("PutBackDeadLetter", "200") => DeadLetter.Replace(
            "\"putBack\":null", "\"putBack\":{\"at\":\"2025-11-01T12:05:00.000Z\",\"by\":\"" + User + "\"}", StringComparison.Ordinal),
        ("ListParked", "200") => $$"""{"items":[{{Parked}}],"next":null}""",
        ("FollowMessage", "200") =>
            $$"""
            {"messageId":"{{MessageId}}","conversationId":null,"organizationId":null,"channel":null,"direction":null,"createdAt":null,
            "status":null,"reason":null,"timeline":[],"parked":[{{Parked}}]}
            """,
        ("ListAccounts", "200") => $$"""{"items":[{{AccountOfDesk}}]}""",
        ("ConnectAccount", "201") or ("GetAccount", "200") or ("ChangeAccount", "200") => AccountOfDesk,
        ("MintToken", "200") => """{"token":"eyJhbGciOiJIUzI1NiJ9.e30.x","expiresAt":"2025-11-01T13:00:00.000Z"}""",
        _ => null,
    });

    private static JsonNode? Read(string? json) => json is null ? null : JsonNode.Parse(json);
}
