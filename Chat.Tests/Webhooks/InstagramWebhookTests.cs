namespace Chat.Tests.Webhooks;

/// <summary>What Instagram says, payload by payload.</summary>
public sealed class InstagramWebhookTests
{
    private const string ByPerson = "\"sender\":{\"id\":\"990\"},\"recipient\":{\"id\":\"178\"},\"timestamp\":1790000200001";
    private const string ByAccount = "\"sender\":{\"id\":\"178\"},\"recipient\":{\"id\":\"990\"},\"timestamp\":1790000200001";

    [Theory]
    [InlineData("""{"mid":"m1","text":"Oi"}""", "m1 14:16:40.001Z text {\"texto\":\"Oi\"}")]
    [InlineData("""{"mid":"m1","text":"Sim","reply_to":{"mid":"m0"}}""", "m1 14:16:40.001Z text {\"texto\":\"Sim\"} reply to m0")]
    [InlineData(
        """{"mid":"m1","text":"Lindo","reply_to":{"story":{"id":"s1","url":"https://x"}}}""",
        """m1 14:16:40.001Z text {"texto":"Lindo","referencia":{"id":"s1","url":"https://x"}}""")]
    [InlineData(
        """{"mid":"m1","text":"Um","quick_reply":{"payload":"p1"}}""",
        """m1 14:16:40.001Z button {"texto":"Um","resposta":{"id":"p1","titulo":"Um"}}""")]
    [InlineData(
        """{"mid":"m1","attachments":[{"type":"image","payload":{"url":"https://x/1"}}]}""",
        """m1 14:16:40.001Z image {"midia":{"link":"https://x/1"}}""")]
    [InlineData(
        """{"mid":"m1","attachments":[{"type":"file","payload":{"url":"https://x/1"}}]}""",
        """m1 14:16:40.001Z document {"midia":{"link":"https://x/1"}}""")]
    [InlineData(
        """{"mid":"m1","attachments":[{"type":"image","payload":{"url":"a"}},{"type":"image","payload":{"url":"b"}}]}""",
        """
        m1 14:16:40.001Z image {"midia":{"link":"a"},"anexos":[{"type":"image","payload":{"url":"a"}},
        {"type":"image","payload":{"url":"b"}}]}
        """)]
    [InlineData(
        """{"mid":"m1","attachments":[{"type":"ig_post","payload":{"url":"a"}}]}""",
        """m1 14:16:40.001Z ig_post {"bruto":{"mid":"m1","attachments":[{"type":"ig_post","payload":{"url":"a"}}]}}""")]
    [InlineData(
        """{"mid":"m1","is_unsupported":true}""",
        """m1 14:16:40.001Z unsupported {"bruto":{"mid":"m1","is_unsupported":true}}""")]
    [InlineData("""{"mid":"m1","is_deleted":true}""", "revoke:m1 14:16:40.001Z revoke {} about m1")]
    public void Message_when_a_person_sends_it_has_its_content(string message, string expected) => Assert.Equal(
        $"178 from igsid:990 [990]: {expected.Trim().ReplaceLineEndings("")}", Described.Instagram($"{ByPerson},\"message\":{message}"));

    [Theory]
    [InlineData("""{"mid":"m1","text":"Oi","is_echo":true}""", "m1 14:16:40.001Z text {\"texto\":\"Oi\"}")]
    // The sender says it too.
    [InlineData("""{"mid":"m1","text":"Oi"}""", "m1 14:16:40.001Z text {\"texto\":\"Oi\"}")]
    [InlineData("""{"mid":"m1","is_echo":true,"is_deleted":true}""", "revoke:m1 14:16:40.001Z revoke {} about m1")]
    public void Message_when_the_account_sends_it_is_an_echo(string message, string expected) => Assert.Equal(
        $"178 to igsid:990 [990]: {expected}", Described.Instagram($"{ByAccount},\"message\":{message}"));

    [Theory]
    [InlineData("\"read\":{\"mid\":\"m1\"}", "178 read up to m1 14:16:40.001Z")]
    [InlineData("\"read\":{\"watermark\":1790000200001}", "178 (incomplete)")]
    [InlineData(
        "\"reaction\":{\"mid\":\"m1\",\"action\":\"react\",\"reaction\":\"love\",\"emoji\":\"❤\"}",
        "178 from igsid:990 [990]: reaction:m1:990:1790000200001 14:16:40.001Z reaction {} about m1 '❤'")]
    [InlineData(
        "\"reaction\":{\"mid\":\"m1\",\"action\":\"unreact\"}",
        "178 from igsid:990 [990]: reaction:m1:990:1790000200001 14:16:40.001Z reaction {} about m1 ''")]
    [InlineData(
        "\"message_edit\":{\"mid\":\"m1\",\"text\":\"Corrigido\",\"num_edit\":\"2\"}",
        "178 from igsid:990 [990]: edit:m1:2 14:16:40.001Z edit {\"texto\":\"Corrigido\"} about m1")]
    [InlineData("\"message_edit\":{\"mid\":\"m1\",\"num_edit\":0}", "178 (incomplete)")]
    [InlineData(
        "\"postback\":{\"mid\":\"m1\",\"title\":\"Começar\",\"payload\":\"p1\"}",
        "178 from igsid:990 [990]: m1 14:16:40.001Z button {\"texto\":\"Começar\",\"resposta\":{\"id\":\"p1\",\"titulo\":\"Começar\"}}")]
    [InlineData("\"referral\":{\"ref\":\"x\"}", "178 (referral)")]
    [InlineData("\"optin\":{\"type\":\"x\"}", "178 (referral)")]
    [InlineData("\"pass_thread_control\":{\"new_owner_app_id\":\"1\"}", "178 (handover)")]
    [InlineData("\"take_thread_control\":{}", "178 (handover)")]
    [InlineData("\"what_comes_next\":{}", "178 (other)")]
    [InlineData("\"message\":{\"text\":\"no id\"}", "178 (incomplete)")]
    [InlineData("\"message\":{\"mid\":\"m1\",\"text\":\"to myself\",\"is_self\":true}", "178 (other)")]
    public void Event_when_it_is_a_persons_is_read_by_its_kind(string members, string expected) =>
        Assert.Equal(expected, Described.Instagram($"{ByPerson},{members}"));

    [Theory]
    [InlineData("\"message_edit\":{\"mid\":\"m1\",\"num_edit\":0}")]
    [InlineData("\"message_edit\":{\"mid\":\"m1\",\"text\":\"x\",\"num_edit\":1}")]
    [InlineData("\"message\":{\"mid\":\"m1\",\"text\":\"from nobody\"}")]
    [InlineData("\"sender\":{\"id\":\"178\"},\"message\":{\"mid\":\"m1\",\"text\":\"to nobody\",\"is_echo\":true}")]
    public void Event_when_it_names_no_person_is_incomplete(string members) =>
        Assert.Equal("178 (incomplete)", Described.Instagram(members));

    [Theory]
    [InlineData("\"reaction\":{\"mid\":\"m1\",\"action\":\"react\",\"emoji\":\"❤\"}")]
    [InlineData("\"message_edit\":{\"mid\":\"m1\",\"text\":\"x\",\"num_edit\":1}")]
    public void Event_when_it_is_the_accounts_own_says_nothing_new(string members) =>
        Assert.Equal("178 (echo)", Described.Instagram($"{ByAccount},{members}"));

    [Fact]
    public void Webhook_when_it_has_several_of_everything_is_read_whole() => Assert.Equal(
        [
            "178 read up to m1 14:16:40.001Z", "178 from igsid:990 [990]: m2 14:16:40.001Z text {\"texto\":\"Oi\"}",
            "178 from igsid:990 [990]: m3 14:16:40.001Z text {\"texto\":\"Tchau\"}", "178 (comment)",
            "179 from igsid:991 [991]: m4 - text {\"texto\":\"Ei\"}",
        ],
        Described.InstagramBody("""
            {"object":"instagram","entry":[
             {"id":"178","messaging":[{BY,"read":{"mid":"m1"}},{BY,"message":{"mid":"m2","text":"Oi"}}],
              "standby":[{BY,"message":{"mid":"m3","text":"Tchau"}}],"changes":[{"field":"comments","value":{"id":"c1"}}]},
             {"id":"179","changes":[{"field":"messages","value":{"sender":{"id":"991"},"message":{"mid":"m4","text":"Ei"}}}]}]}
            """.Replace("BY", ByPerson, StringComparison.Ordinal)));

    [Theory]
    [InlineData("comments", "comment")]
    [InlineData("live_comments", "comment")]
    [InlineData("mentions", "comment")]
    [InlineData("what_comes_next", "other")]
    public void Change_when_it_is_of_no_message_is_counted(string field, string kind) => Assert.Equal(
        [$"178 ({kind})"],
        Described.InstagramBody($$$"""{"entry":[{"id":"178","changes":[{"field":"{{{field}}}","value":{"text":"!"}}]}]}"""));

    // As the dashboard's button sends it: seconds as a text, and the account 0.
    [Fact]
    public void Test_button_when_it_is_pressed_is_counted() => Assert.Equal(
        ["- (test)"],
        Described.InstagramBody("""
            {"object":"instagram","entry":[{"id":"0","time":1790000200,"changes":[{"field":"messages","value":{"sender":{"id":"12334"},
            "recipient":{"id":"23245"},"timestamp":"1527459824","message":{"mid":"random_mid","text":"random_text"}}}]}]}
            """));

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"entry\":7}")]
    [InlineData("{\"entry\":[7,null,{\"messaging\":7,\"changes\":null}]}")]
    public void Webhook_when_its_shape_is_another_says_nothing(string body) => Assert.Empty(Described.InstagramBody(body));

    [Theory]
    [InlineData("\"message_edit\":{\"mid\":\"m1\",\"text\":\"Oi\",\"num_edit\":\"LONG\"}")]
    [InlineData("\"reaction\":{\"mid\":\"m1LONG\",\"action\":\"react\"}")]
    [InlineData("\"postback\":{\"mid\":\"m1LONG\"}")]
    public void Item_when_its_ids_are_too_long_for_an_event_is_incomplete(string item)
    {
        var members = item.Replace("LONG", new string('7', 600), StringComparison.Ordinal);
        Assert.Equal("178 (incomplete)", Described.Instagram($$$"""
            "sender":{"id":"990"},"recipient":{"id":"178"},"timestamp":1790000000000,{{{members}}}
            """));
    }

    [Fact]
    public void Person_when_the_id_has_spaces_around_it_is_the_one_without() => Assert.StartsWith(
        "178 from igsid:990 [990]:",
        Described.Instagram("""
            "sender":{"id":"  990  "},"recipient":{"id":"178"},"timestamp":1790000000000,"message":{"mid":"m1","text":"Oi"}
            """),
        StringComparison.Ordinal);
}
