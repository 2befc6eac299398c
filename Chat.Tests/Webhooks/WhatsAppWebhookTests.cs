namespace Chat.Tests.Webhooks;

/// <summary>What WhatsApp says, payload by payload.</summary>
public sealed class WhatsAppWebhookTests
{
    private const string Maria = """
        "contacts":[{"profile":{"name":"João"},"wa_id":"5521988887777"},
        {"profile":{"name":"Maria"},"wa_id":"551188880002","user_id":"BR.77"}]
        """;

    [Theory]
    [InlineData("sent", "SENT")]
    [InlineData("delivered", "DELIVERED")]
    [InlineData("read", "READ")]
    [InlineData("played", "READ")]
    public void Status_when_its_word_is_known_is_a_fact(string word, string fact) => Assert.Equal(
        [$"W1/P1 {fact} wamid.1 14:13:20.000Z -"],
        Described.WhatsApp($$"""
            "statuses":[{"id":"wamid.1","status":"{{word}}","timestamp":"1790000000","recipient_id":"5511900000002"}]
            """));

    [Theory]
    [InlineData("interactive", "{}")]
    [InlineData("location", "{}")]
    [InlineData("system", "{}")]
    [InlineData("image", """{"midia":{}}""")]
    public void Message_when_what_its_type_names_is_no_object_is_a_message_without_it(string type, string content) => Assert.Equal(
        [$"W1/P1 from phone:551188880002 [551188880002]: wamid.1 14:13:20.000Z {type} {content}"],
        Described.WhatsApp($$"""
            "messages":[{"from":"551188880002","id":"wamid.1","timestamp":"1790000000","type":"{{type}}","{{type}}":"x"}]
            """));

    [Theory]
    [InlineData(30, true)]
    [InlineData(33, false)]
    [InlineData(50, false)]
    public void Message_when_it_is_nested_deeper_than_any_event_is_a_message_without_that(int depth, bool isKept)
    {
        var place = $"{{\"a\":{new string('[', depth - 1)}{new string(']', depth - 1)}}}";
        var said = Assert.Single(Described.WhatsApp($$"""
            "messages":[{"from":"551188880002","id":"wamid.1","timestamp":"1790000000","type":"location","location":{{place}}}]
            """));
        Assert.EndsWith(isKept ? $"location {{\"localizacao\":{place}}}" : "location {}", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deleted", "(other_status)")]
    [InlineData("warning", "(other_status)")]
    [InlineData("teleported", "(other_status)")]
    public void Status_when_its_word_means_no_fact_is_counted(string word, string counted) => Assert.Equal(
        [$"W1/P1 {counted}"],
        Described.WhatsApp($$"""
            "statuses":[{"id":"wamid.1","status":"{{word}}","timestamp":"1790000000"}]
            """));

    [Theory]
    [InlineData("\"1790000000\"", "14:13:20.000Z")]
    [InlineData("1790000000", "14:13:20.000Z")]
    [InlineData("\"1790000000123\"", "14:13:20.123Z")]
    [InlineData("\"\"", "-")]
    [InlineData("null", "-")]
    [InlineData("\"yesterday\"", "-")]
    [InlineData("99999999999999999999", "-")]
    [InlineData("-5", "-")]
    public void Time_when_it_is_in_seconds_or_milliseconds_is_read_and_else_left_out(string json, string at) => Assert.Equal(
        [$"W1/P1 SENT wamid.1 {at} -"],
        Described.WhatsApp($$"""
            "statuses":[{"id":"wamid.1","status":"sent","timestamp":{{json}}}]
            """));

    [Theory]
    [InlineData("019a3f5c-8c00-7abc-8def-0123456789ab", "019a3f5c-8c00-7abc-8def-0123456789ab")]
    // Another system's, which sends through the same number.
    [InlineData("3f6c0000-8c00-4abc-8def-0123456789ab", "-")]
    [InlineData("order 17", "-")]
    public void Status_when_our_id_comes_back_names_it(string data, string messageId) => Assert.Equal(
        [$"W1/P1 SENT wamid.1 14:13:20.000Z {messageId}"],
        Described.WhatsApp($$"""
            "statuses":[{"id":"wamid.1","status":"sent","timestamp":"1790000000","biz_opaque_callback_data":"{{data}}"}]
            """));

    [Theory]
    [InlineData(
        """{"code":131026,"title":"T","message":"M","error_data":{"details":"Not on WhatsApp."}}""", "Not on WhatsApp (WhatsApp 131026)")]
    [InlineData("""{"code":131047,"title":"T","message":"Re-engagement message"}""", "Re-engagement message (WhatsApp 131047)")]
    [InlineData("""{"code":"131000","title":"Something went wrong"}""", "Something went wrong (WhatsApp 131000)")]
    [InlineData("""{"code":1,"error_data":"as a text"}""", "as a text (WhatsApp 1)")]
    [InlineData("""{}""", "WhatsApp gave no reason")]
    [InlineData("""7""", "WhatsApp gave no reason")]
    public void Failure_when_it_is_reported_keeps_its_reason_and_code(string error, string reason) => Assert.Equal(
        [$"W1/P1 FAILED wamid.1 14:13:20.000Z - {reason}"],
        Described.WhatsApp($$"""
            "statuses":[{"id":"wamid.1","status":"failed","timestamp":"1790000000","errors":[{{error}}]}]
            """));

    [Fact]
    public void Status_of_a_group_when_a_member_has_it_is_not_the_groups() => Assert.Equal(
        ["W1/P1 (group_status)"],
        Described.WhatsApp("""
            "statuses":[{"id":"wamid.1","status":"read","timestamp":"1790000000","recipient_type":"group","recipient_id":"G1",
            "recipient_participant_id":"5511900000002"}]
            """));

    [Fact]
    public void Status_to_a_person_without_a_number_when_it_comes_is_a_fact_like_any_other() => Assert.Equal(
        ["W1/P1 DELIVERED wamid.1 14:13:20.000Z -"],
        Described.WhatsApp("""
            "statuses":[{"id":"wamid.1","status":"delivered","timestamp":"1790000000","recipient_user_id":"BR.77",
            "parent_recipient_user_id":"BR.ENT.1","conversation":null,"pricing":{"billable":true}}]
            """));

    [Fact]
    public void Webhook_when_it_has_several_of_everything_is_read_whole()
    {
        var read = Described.WhatsAppBody("""
            {"object":"whatsapp_business_account","entry":[
             {"id":"W1","changes":[
              {"field":"messages","value":{"metadata":{"phone_number_id":"P1"},"statuses":[
               {"id":"a","status":"sent","timestamp":"1790000000"},{"status":"sent"},7,{"id":"b","status":"read","timestamp":"1790000000"}],
               "messages":[{"from":"5511900000002","id":"m1","timestamp":"1790000000","type":"text","text":{"body":"Oi"}},
               {"id":"m2","type":"text"},{"from":"5511900000002","type":"text"}]}},
              {"field":"messages","value":{"metadata":{"phone_number_id":"P2"},"statuses":[
               {"id":"c","status":"sent","timestamp":"1790000000"}]}}]},
             {"id":"W2","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"P3"},"statuses":[
              {"id":"d","status":"sent","timestamp":"1790000000"}]}}]}]}
            """);

        Assert.Equal(
            [
                "W1/P1 from phone:5511900000002 [5511900000002]: m1 14:13:20.000Z text {\"texto\":\"Oi\"}",
                "W1/P1 (incomplete)", "W1/P1 (incomplete)",
                "W1/P1 SENT a 14:13:20.000Z -", "W1/P1 (incomplete)", "W1/P1 READ b 14:13:20.000Z -",
                "W1/P2 SENT c 14:13:20.000Z -", "W2/P3 SENT d 14:13:20.000Z -",
            ],
            read);
    }

    [Fact]
    public void Error_of_the_number_when_it_comes_without_a_message_is_trouble() => Assert.Equal(
        ["W1/P1 trouble 131031 Account locked"],
        Described.WhatsApp("\"errors\":[{\"code\":131031,\"title\":\"Account locked\",\"error_data\":{\"details\":\"…\"}}]"));

    [Theory]
    [InlineData("message_template_status_update", "template")]
    [InlineData("message_template_quality_update", "template")]
    [InlineData("message_template_components_update", "template")]
    [InlineData("template_category_update", "template")]
    [InlineData("phone_number_quality_update", "account")]
    [InlineData("phone_number_name_update", "account")]
    [InlineData("account_update", "account")]
    [InlineData("account_alerts", "account")]
    [InlineData("account_review_update", "account")]
    [InlineData("business_capability_update", "account")]
    [InlineData("security", "account")]
    [InlineData("user_preferences", "preference")]
    [InlineData("calls", "call")]
    [InlineData("group_lifecycle_update", "group")]
    [InlineData("history", "history")]
    [InlineData("smb_app_state_sync", "history")]
    [InlineData("flows", "other")]
    [InlineData("what comes next year", "other")]
    public void Field_when_it_is_not_of_messages_is_counted(string field, string kind) =>
        Assert.Equal([$"W1/P1 ({kind})"], Described.WhatsAppField(field, "\"event\":\"APPROVED\""));

    [Theory]
    [InlineData("\"type\":\"text\",\"text\":{\"body\":\"Ol\\u00e1 \\ud83d\\ude00 a\\/b\"}", "text {\"texto\":\"Olá \\uD83D\\uDE00 a/b\"}")]
    [InlineData(
        """
        "type":"image","image":{"id":"M1","mime_type":"image/jpeg","sha256":"abc=","caption":"Foto","url":"https://x/y"}
        """,
        """image {"midia":{"id":"M1","link":"https://x/y","tipoMime":"image/jpeg","sha256":"abc="},"legenda":"Foto"}""")]
    [InlineData(
        "\"type\":\"video\",\"video\":{\"id\":\"M1\",\"mime_type\":\"video/mp4\"}",
        "video {\"midia\":{\"id\":\"M1\",\"tipoMime\":\"video/mp4\"}}")]
    [InlineData(
        "\"type\":\"audio\",\"audio\":{\"id\":\"M1\",\"mime_type\":\"audio/ogg; codecs=opus\",\"voice\":true}",
        "audio {\"midia\":{\"id\":\"M1\",\"tipoMime\":\"audio/ogg; codecs=opus\",\"voz\":true}}")]
    [InlineData(
        "\"type\":\"document\",\"document\":{\"id\":\"M1\",\"filename\":\"nota.pdf\",\"caption\":\"Nota\"}",
        "document {\"midia\":{\"id\":\"M1\",\"nomeArquivo\":\"nota.pdf\"},\"legenda\":\"Nota\"}")]
    [InlineData(
        "\"type\":\"sticker\",\"sticker\":{\"id\":\"M1\",\"animated\":true}", "sticker {\"midia\":{\"id\":\"M1\",\"animada\":true}}")]
    [InlineData(
        "\"type\":\"location\",\"location\":{\"latitude\":-23.5,\"longitude\":-46.6}",
        "location {\"localizacao\":{\"latitude\":-23.5,\"longitude\":-46.6}}")]
    [InlineData(
        "\"type\":\"contacts\",\"contacts\":[{\"name\":{\"formatted_name\":\"Ana\"}}]",
        "contacts {\"contatos\":[{\"name\":{\"formatted_name\":\"Ana\"}}]}")]
    [InlineData(
        "\"type\":\"button\",\"button\":{\"payload\":\"p1\",\"text\":\"Sim\"}",
        "button {\"texto\":\"Sim\",\"resposta\":{\"id\":\"p1\",\"titulo\":\"Sim\"}}")]
    [InlineData(
        "\"type\":\"interactive\",\"interactive\":{\"type\":\"button_reply\",\"button_reply\":{\"id\":\"b1\",\"title\":\"Não\"}}",
        "interactive {\"texto\":\"Não\",\"resposta\":{\"id\":\"b1\",\"titulo\":\"Não\"}}")]
    [InlineData(
        "\"type\":\"interactive\",\"interactive\":{\"type\":\"list_reply\",\"list_reply\":{\"id\":\"l1\",\"title\":\"Um\"}}",
        "interactive {\"texto\":\"Um\",\"resposta\":{\"id\":\"l1\",\"titulo\":\"Um\"}}")]
    [InlineData(
        "\"type\":\"interactive\",\"interactive\":{\"type\":\"nfm_reply\",\"nfm_reply\":{\"name\":\"flow\",\"body\":\"Sent\"}}",
        "interactive {\"texto\":\"Sent\",\"interativo\":{\"type\":\"nfm_reply\",\"nfm_reply\":{\"name\":\"flow\",\"body\":\"Sent\"}}}")]
    [InlineData("\"type\":\"reaction\",\"reaction\":{\"message_id\":\"wamid.9\",\"emoji\":\"👍\"}", "reaction {} about wamid.9 '👍'")]
    [InlineData("\"type\":\"reaction\",\"reaction\":{\"message_id\":\"wamid.9\",\"emoji\":\"\"}", "reaction {} about wamid.9 ''")]
    [InlineData("\"type\":\"reaction\",\"reaction\":{\"message_id\":\"wamid.9\"}", "reaction {} about wamid.9 ''")]
    [InlineData(
        """
        "type":"edit","edit":{"original_message_id":"wamid.9","message":{"type":"text","text":{"body":"Corrigido"}}}
        """,
        "edit {\"texto\":\"Corrigido\"} about wamid.9")]
    [InlineData(
        """
        "type":"edit","edit":{"original_message_id":"wamid.9","message":{"type":"image","image":{"caption":"Nova"}}}
        """,
        "edit {\"texto\":\"Nova\"} about wamid.9")]
    [InlineData("\"type\":\"revoke\",\"revoke\":{\"original_message_id\":\"wamid.9\"}", "revoke {} about wamid.9")]
    [InlineData(
        "\"type\":\"text\",\"text\":{\"body\":\"Sim\"},\"context\":{\"from\":\"551130000001\",\"id\":\"wamid.8\"}",
        "text {\"texto\":\"Sim\"} reply to wamid.8")]
    [InlineData(
        "\"type\":\"text\",\"text\":{\"body\":\"Veja\"},\"context\":{\"forwarded\":true}",
        "text {\"texto\":\"Veja\",\"encaminhada\":true}")]
    [InlineData(
        """
        "type":"text","text":{"body":"Preço?"},"referral":{"source_type":"ad","source_id":"1"},
        "context":{"referred_product":{"catalog_id":"2"}}
        """,
        """text {"texto":"Preço?","produto":{"catalog_id":"2"},"referencia":{"source_type":"ad","source_id":"1"}}""")]
    public void Message_when_its_type_is_known_has_its_content(string members, string expected) => Assert.Equal(
        [$"W1/P1 from phone:551188880002 [551188880002]: wamid.1 14:13:20.000Z {expected}"],
        Described.WhatsApp($$"""
            "messages":[{"from":"551188880002","id":"wamid.1","timestamp":"1790000000",{{members.Trim()}}}]
            """));

    [Theory]
    [InlineData("order", "order")]
    [InlineData("unsupported", "unsupported")]
    [InlineData("unknown", "unknown")]
    [InlineData("request_welcome", "request_welcome")]
    [InlineData("hologram", "hologram")]
    [InlineData("Ünicode <type>", "unknown")]
    [InlineData("a_word_that_is_far_too_long_for_what_a_type_may_be", "unknown")]
    public void Message_when_its_type_is_not_known_is_kept_as_it_is(string word, string type)
    {
        var message = $$"""{"from":"551188880002","id":"wamid.1","timestamp":"1790000000","type":"{{word}}","errors":[{"code":131051}]}""";

        Assert.Equal(
            [$"W1/P1 from phone:551188880002 [551188880002]: wamid.1 14:13:20.000Z {type} {{\"bruto\":{message}}}"],
            Described.WhatsApp($"\"messages\":[{message}]"));
    }

    [Theory]
    // Of several contacts the one that is meant, in either form of the number.
    [InlineData("\"from\":\"551188880002\"", "phone:551188880002+bsuid:BR.77 [551188880002] \"Maria\"")]
    [InlineData("\"from\":\"5511988880002\"", "phone:551188880002+bsuid:BR.77 [5511988880002] \"Maria\"")]
    [InlineData("\"from\":\"551188880002\",\"from_user_id\":\"BR.77\"", "phone:551188880002+bsuid:BR.77 [551188880002] \"Maria\"")]
    // A person who hides the number; one whom contacts does not name.
    [InlineData("\"from_user_id\":\"BR.99\"", "bsuid:BR.99 [BR.99]")]
    [InlineData("\"from\":\"BR.99\"", "bsuid:BR.99 [BR.99]")]
    [InlineData("\"from\":\"493012345678\"", "phone:493012345678 [493012345678]")]
    [InlineData("\"from\":\"5511900000002\",\"group_id\":\"G1\"", "group:G1 [G1]")]
    public void Person_when_they_write_is_known_by_all_that_is_said_of_them(string from, string person) => Assert.Equal(
        [$"W1/P1 from {person}: wamid.1 14:13:20.000Z text {{\"texto\":\"Oi\"}}"],
        Described.WhatsApp($$$"""
            {{{Maria.Trim()}}},"messages":[{{{{from}}},"id":"wamid.1","timestamp":"1790000000","type":"text","text":{"body":"Oi"}}]
            """));

    [Theory]
    [InlineData(
        """
        {"body":"mudou","type":"user_changed_number","wa_id":"551177770003"}
        """,
        "phone:551188880002 [551188880002] is now phone:551177770003 [551177770003]")]
    [InlineData(
        """
        {"body":"mudou","type":"user_changed_user_id","user_id":"BR.78"}
        """,
        "phone:551188880002 [551188880002] is now bsuid:BR.78 [BR.78]")]
    public void Person_when_they_have_a_new_address_keep_the_old_one(string system, string moved) => Assert.Equal(
        [
            $"W1/P1 {moved}",
            "W1/P1 from phone:551188880002 [551188880002]: wamid.1 14:13:20.000Z system "
                + $"{{\"texto\":\"mudou\",\"bruto\":{system.Trim()}}}",
        ],
        Described.WhatsApp($$"""
            "messages":[{"from":"551188880002","id":"wamid.1","timestamp":"1790000000","type":"system","system":{{system.Trim()}}}]
            """));

    [Fact]
    public void User_id_when_it_is_exchanged_is_an_address_more() => Assert.Equal(
        ["W1/P1 bsuid:BR.77 [BR.77] is now bsuid:BR.78 [BR.78]", "W1/P1 (incomplete)"],
        Described.WhatsAppField("user_id_update", """
            "user_id_update":[{"user_id":{"previous":"BR.77","current":"BR.78"},"timestamp":"1790000000"},{"user_id":{"current":"BR.78"}}]
            """));

    [Fact]
    public void Message_when_a_person_sent_it_in_the_business_app_is_an_echo() => Assert.Equal(
        [
            "W1/P1 to phone:551188880002 [551188880002]: wamid.1 14:13:20.000Z text {\"texto\":\"Oi\"}",
            "W1/P1 to phone:551188880002 [551188880002]: wamid.2 14:13:20.000Z revoke {} about wamid.1",
            "W1/P1 (incomplete)",
        ],
        Described.WhatsAppField("smb_message_echoes", """
            "message_echoes":[
             {"from":"551130000001","to":"551188880002","id":"wamid.1","timestamp":"1790000000","type":"text","text":{"body":"Oi"}},
             {"from":"551130000001","to":"551188880002","id":"wamid.2","timestamp":"1790000000","type":"revoke",
              "revoke":{"original_message_id":"wamid.1"}},
             {"from":"551130000001","id":"wamid.3","type":"text"}]
            """));

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"entry\":7}")]
    [InlineData("{\"entry\":[7,null,{\"changes\":[null,{\"field\":\"messages\"},{\"field\":\"messages\",\"value\":[]}]}]}")]
    [InlineData("{\"entry\":[{\"changes\":{\"field\":\"messages\"}}]}")]
    public void Webhook_when_its_shape_is_another_says_nothing(string body) => Assert.Empty(Described.WhatsAppBody(body));
}
