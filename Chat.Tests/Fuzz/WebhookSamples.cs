using System.Text.Json;

namespace Chat.Tests.Fuzz;

/// <summary>
/// One valid element of every kind that WhatsApp and Instagram post, by the array that it comes in; and the ids in them that mean something
/// to <see cref="WebhookFuzzGraph"/>.
/// </summary>
internal static class WebhookSamples
{
    /// <summary>WhatsApp's: the field of the change, the array in its value, and an element.</summary>
    public static readonly (string Field, string List, string Json)[] WhatsApp =
    [
        ("messages", "statuses", """
            {"id":"wamid.OURS","status":"delivered","timestamp":"1790000123","recipient_id":"5511900000002",
            "biz_opaque_callback_data":"019a3f5c-8c00-7abc-8def-0123456789ab",
            "conversation":{"id":"c1","origin":{"type":"utility"}},
            "pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"utility"}}
            """),
        ("messages", "statuses", """
            {"id":"wamid.OUT2","status":"failed","timestamp":"1790000124","recipient_id":"5511900000003",
            "errors":[{"code":131026,"title":"T","message":"M","error_data":{"details":"Não está no WhatsApp \ud83d\ude00"},
            "href":"https:\/\/example.com\/"}]}
            """),
        ("messages", "statuses", """
            {"id":"wamid.OUT3","status":"read","timestamp":"1790000125","recipient_user_id":"BR.13490000000000000001"}
            """),
        ("messages", "statuses", """
            {"id":"wamid.OUT4","status":"played","timestamp":"1790000126","recipient_type":"group","recipient_id":"g1",
            "recipient_participant_id":"5511900000002"}
            """),
        ("messages", "messages", Message("""
            "type":"text","text":{"body":"Ol\u00e1 \ud83d\ude00 a\/b"},"context":{"from":"551130000001","id":"wamid.OURS","forwarded":true}
            """)),
        ("messages", "messages", Message("""
            "type":"image","image":{"id":"111","mime_type":"image\/jpeg","sha256":"c2hh","caption":"Foto","url":"https:\/\/example.com\/1"}
            """)),
        ("messages", "messages", Message("""
            "type":"document","document":{"id":"112","mime_type":"application\/pdf","sha256":"c2hh","filename":"nota.pdf"}
            """)),
        ("messages", "messages", Message("""
            "type":"audio","audio":{"id":"113","mime_type":"audio\/ogg; codecs=opus","sha256":"c2hh","voice":true}
            """)),
        ("messages", "messages", Message("""
            "type":"sticker","sticker":{"id":"114","mime_type":"image\/webp","sha256":"c2hh","animated":false}
            """)),
        ("messages", "messages", Message("""
            "type":"location","location":{"latitude":-23.55,"longitude":-46.63,"name":"Sé","address":"São Paulo"}
            """)),
        ("messages", "messages", Message("""
            "type":"contacts",
            "contacts":[{"name":{"formatted_name":"João"},"phones":[{"phone":"+55 21 98888-7777","wa_id":"5521988887777"}]}]
            """)),
        ("messages", "messages", Message("""
            "type":"button","button":{"payload":"p1","text":"Sim"},"context":{"from":"551130000001","id":"wamid.OURS"}
            """)),
        ("messages", "messages", Message("""
            "type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"r1","title":"Um","description":"D"}}
            """)),
        ("messages", "messages", Message("""
            "type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"body":"Sent","name":"flow","response_json":"{\"a\":1}"}}
            """)),
        ("messages", "messages", Message("""
            "type":"reaction","reaction":{"message_id":"wamid.OURS","emoji":"\ud83d\udc4d"}
            """)),
        ("messages", "messages", Message("""
            "type":"order","order":{"catalog_id":"c1","product_items":[{"product_retailer_id":"p","quantity":"1","item_price":2.5}]}
            """)),
        ("messages", "messages", Message("""
            "type":"edit","edit":{"original_message_id":"wamid.IN0","message":{"type":"text","text":{"body":"Oi!"}}}
            """)),
        ("messages", "messages", Message("""
            "type":"revoke","revoke":{"original_message_id":"wamid.IN0"}
            """)),
        ("messages", "messages", Message("""
            "type":"system","system":{"type":"user_changed_number","body":"changed","wa_id":"5521977776666","user_id":"BR.2"}
            """)),
        ("messages", "messages", Message("""
            "type":"unsupported","errors":[{"code":131051,"title":"T","error_data":{"details":"D"}}]
            """)),
        ("messages", "messages", """
            {"from_user_id":"BR.13490000000000000001","id":"wamid.IN2","timestamp":"1790000126","type":"text","text":{"body":"Oi"},
            "referral":{"source_type":"ad","source_id":"1","ctwa_clid":"x"}}
            """),
        ("messages", "messages", """
            {"from":"5511900000002","group_id":"g1","id":"wamid.IN3","timestamp":"1790000126","type":"text","text":{"body":"Oi"}}
            """),
        ("messages", "errors", """{"code":131048,"title":"Spam rate limit hit","message":"M","error_data":{"details":"D"}}"""),
        ("smb_message_echoes", "message_echoes", """
            {"from":"551130000001","to":"5511900000002","id":"wamid.ECHO1","timestamp":"1790000126","type":"text","text":{"body":"Eu"}}
            """),
        ("smb_message_echoes", "message_echoes", """
            {"from":"551130000001","to":"5511900000002","id":"wamid.OURS","timestamp":"1790000126","type":"text","text":{"body":"Oi"}}
            """),
        ("user_id_update", "user_id_update", """
            {"wa_id":"5511900000002","user_id":{"previous":"BR.1","current":"BR.13490000000000000001"},"timestamp":"1790000126"}
            """),
        ("history", "history", """{"metadata":{"phase":0,"progress":55},"threads":[{"id":"5511900000002","messages":[]}]}"""),
        ("message_template_status_update", "x", """{"event":"APPROVED","message_template_id":1,"message_template_name":"n"}"""),
        ("account_alerts", "x", """{"entity_type":"WABA","alert_severity":"HIGH"}"""),
        ("phone_number_quality_update", "x", """{"display_phone_number":"551130000001","event":"FLAGGED"}"""),
        ("calls", "calls", """{"id":"wacid.1","from":"5511900000002","event":"connect"}"""),
        ("user_preferences", "user_preferences", """{"wa_id":"5511900000002","category":"marketing_messages","value":"stop"}"""),
    ];

    /// <summary>Instagram's: the array of the entry, and an element.</summary>
    public static readonly (string List, string Json)[] Instagram =
    [
        ("messaging", Item("""
            "message":{"mid":"mid.IN1","text":"Oi \ud83d\ude00","reply_to":{"mid":"mid.OURS"}}
            """)),
        ("messaging", Item("""
            "message":{"mid":"mid.IN2","text":"Sim","quick_reply":{"payload":"p1"},"referral":{"source":"ADS"}}
            """)),
        ("messaging", Item("""
            "message":{"mid":"mid.IN3",
            "attachments":[{"type":"image","payload":{"url":"https:\/\/example.com\/1"}},{"type":"video","payload":{}}]}
            """)),
        ("messaging", Item("""
            "message":{"mid":"mid.IN4","attachments":[{"type":"ig_post","payload":{"id":"1","url":"https:\/\/example.com\/1"}}]}
            """)),
        ("messaging", Item("\"message\":{\"mid\":\"mid.IN5\",\"is_deleted\":true}")),
        ("messaging", Item("\"message\":{\"mid\":\"mid.IN6\",\"is_unsupported\":true}")),
        ("messaging", """
            {"sender":{"id":"17841400000000001"},"recipient":{"id":"990011"},"timestamp":1790000199000,
            "message":{"mid":"mid.OURS","text":"Oi","is_echo":true}}
            """),
        ("messaging", """
            {"sender":{"id":"17841400000000001"},"recipient":{"id":"990011"},"timestamp":1790000199000,
            "message":{"mid":"mid.ECHO1","text":"Eu","is_echo":true}}
            """),
        ("messaging", Item("\"read\":{\"mid\":\"mid.OURS\"}")),
        ("messaging", Item("\"reaction\":{\"mid\":\"mid.OURS\",\"action\":\"react\",\"reaction\":\"love\",\"emoji\":\"\\u2764\"}")),
        ("messaging", Item("\"postback\":{\"mid\":\"mid.PB1\",\"title\":\"Começar\",\"payload\":\"START\"}")),
        ("messaging", Item("\"postback\":{\"title\":\"Começar\",\"payload\":\"START\"}")),
        ("messaging", Item("\"message_edit\":{\"mid\":\"mid.IN0\",\"text\":\"Oi!\",\"num_edit\":\"2\"}")),
        ("messaging", """{"timestamp":1790000200001,"message_edit":{"mid":"mid.IN0","num_edit":0}}"""),
        ("messaging", Item("\"referral\":{\"ref\":\"x\",\"source\":\"SHORTLINK\"}")),
        ("messaging", Item("\"optin\":{\"type\":\"notification_messages\"}")),
        ("messaging", Item("\"pass_thread_control\":{\"new_owner_app_id\":\"1\"}")),
        ("standby", Item("\"message\":{\"mid\":\"mid.SB1\",\"text\":\"Oi\"}")),
        ("changes", """{"field":"comments","value":{"id":"1","text":"x","from":{"id":"990011","username":"u"}}}"""),
        ("changes", """
            {"field":"messages","value":{"sender":{"id":"990011"},"recipient":{"id":"17841400000000001"},"timestamp":"1790000200",
            "message":{"mid":"mid.CH1","text":"Oi"}}}
            """),
        ("changes", """{"field":"messaging_seen","value":{"sender":{"id":"990011"},"timestamp":"1790000200","read":{"mid":"mid.OURS"}}}"""),
    ];

    /// <summary>Values that mean something, to be put where they do not belong: ids of both organizations, words, times, sizes.</summary>
    public static readonly string[] Words =
    [
        .. ((string[])
        [
            WebhookFuzzGraph.Number, WebhookFuzzGraph.OtherNumber, WebhookFuzzGraph.Business, WebhookFuzzGraph.OtherBusiness,
            WebhookFuzzGraph.Profile, WebhookFuzzGraph.OtherProfile,
            WebhookFuzzGraph.Sent.ToString(), WebhookFuzzGraph.OtherSent.ToString(),
            "wamid.OURS", "wamid.THEIRS", "mid.OURS", "mid.THEIRS", "5511900000002", "551130000001", "990011", "  990011  ",
            "+55 (11) 90000-0002", "BR.13490000000000000001", "BR.ENT.1", "sent", "delivered", "read", "played", "failed", "deleted",
            "text", "image", "reaction", "edit", "revoke", "system", "interactive", "template", "mark_read", "typing",
            "messages", "statuses",
            "smb_message_echoes", "user_changed_number", "user_changed_user_id", "react", "unreact", "1790000126", "1790000126000",
            "253402300799999", "-1", "0", "whatsapp_business_account", "instagram", new string('7', 70), new string('9', 600),
            new string('\u00e9', 3000), new string(' ', 600), new string('x', 200_000),
        ]).Select(word => JsonSerializer.Serialize(word)),
        "1790000126", "1790000126.5", "99999999999999999", "true", "\"\\u0000\"", "\"\\ud800\"", "\"a\\nb\"", "\"wamid.a b\"",
        "{\"id\":\"990011\"}", "[{\"id\":\"wamid.OURS\"}]", "{\"mid\":\"mid.OURS\"}",
    ];

    private static string Message(string members) =>
        $$"""{"from":"5511900000002","id":"wamid.IN1","timestamp":"1790000126",{{members}}}""";

    private static string Item(string members) =>
        $$$"""{"sender":{"id":"990011"},"recipient":{"id":"17841400000000001"},"timestamp":1790000200001,{{{members}}}}""";
}
