using System.Net;
using System.Text.Json;
using Chat.Connectors.Instagram.Sending;
using Chat.Connectors.Providers;
using Chat.Connectors.Providers.Meta;
using Chat.Connectors.WhatsApp.Sending;

namespace Chat.Tests.Connectors.Sending;

/// <summary>What each of Meta's errors means for a message, row by row as it documents them.</summary>
public sealed class ErrorTableTests
{
    private const int Forever = int.MaxValue;

    [Theory]
    // Code, whose messages wait, seconds after the first, the second and the fifth try, tries.
    [InlineData(1, LaterScope.Recipient, 1, 2, 16, Forever)]
    [InlineData(2, LaterScope.Recipient, 1, 2, 16, Forever)]
    [InlineData(4, LaterScope.App, 60, 120, 900, Forever)]
    [InlineData(80007, LaterScope.Business, 60, 120, 900, Forever)]
    [InlineData(130429, LaterScope.Account, 1, 2, 16, Forever)]
    [InlineData(131056, LaterScope.Recipient, 1, 4, 256, Forever)]
    [InlineData(131000, LaterScope.Recipient, 1, 2, 16, 5)]
    [InlineData(131016, LaterScope.Recipient, 1, 2, 16, 5)]
    [InlineData(135000, LaterScope.Recipient, 1, 2, 16, 3)]
    [InlineData(131057, LaterScope.Account, 60, 120, 300, Forever)]
    [InlineData(133004, LaterScope.Account, 60, 120, 300, Forever)]
    public void WhatsApp_says_later(int code, LaterScope scope, int first, int second, int fifth, int tries)
    {
        var rule = Assert.IsType<ErrorRule.Again>(WhatsAppErrors.Table.RuleOf(Error(code)));
        Assert.Equal(scope, rule.Scope);
        Assert.Equal(
            [first, second, fifth], new[] { 1, 2, 5 }.Select(number => (int)rule.WaitAfter(number).TotalSeconds));
        Assert.Equal(tries, rule.Tries);
        var later = Assert.IsType<SendAnswer.Later>(WhatsAppErrors.Table.AnswerTo(Error(code), Try(1), hasLink: false));
        Assert.Equal(scope, later.Scope);
        // Up to a quarter more, so that those that were stopped together don't come back together.
        Assert.InRange(later.Wait!.Value.TotalSeconds, first, scope == LaterScope.Recipient ? first : first * 1.25);
        if (tries == Forever) return;
        Assert.IsType<SendAnswer.Later>(WhatsAppErrors.Table.AnswerTo(Error(code), Try(tries - 1), hasLink: false));
        Assert.IsType<SendAnswer.Rejected>(WhatsAppErrors.Table.AnswerTo(Error(code), Try(tries), hasLink: false));
    }

    [Theory]
    [InlineData(131052)]
    [InlineData(131053)]
    public void A_file_that_WhatsApp_could_not_get_is_tried_once_more_where_it_was_named_by_a_link(int code)
    {
        var table = WhatsAppErrors.Table;
        Assert.IsType<SendAnswer.Later>(table.AnswerTo(Error(code), Try(1), hasLink: true));
        Assert.IsType<SendAnswer.Rejected>(table.AnswerTo(Error(code), Try(2), hasLink: true));
        Assert.IsType<SendAnswer.Rejected>(table.AnswerTo(Error(code), Try(1), hasLink: false));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(190)]
    [InlineData(131048)]
    public void WhatsApp_stops_the_account_and_the_message_waits(int code)
    {
        var later = Assert.IsType<SendAnswer.Later>(WhatsAppErrors.Table.AnswerTo(Error(code), Try(1), hasLink: false));
        Assert.Equal((LaterScope.Account, null), (later.Scope, later.Wait));
    }

    [Theory]
    [InlineData(131031)]
    [InlineData(368)]
    [InlineData(130497)]
    public void WhatsApp_refuses_the_message_and_stops_the_account(int code)
    {
        var rejected = Assert.IsType<SendAnswer.Rejected>(WhatsAppErrors.Table.AnswerTo(Error(code), Try(1), hasLink: false));
        Assert.Equal(rejected.Reason, rejected.Attention);
    }

    [Theory]
    [InlineData(131049)]
    [InlineData(131050)]
    [InlineData(130472)]
    [InlineData(131026)]
    [InlineData(131047)]
    [InlineData(470)]
    [InlineData(131051)]
    [InlineData(131008)]
    [InlineData(131009)]
    [InlineData(100)]
    [InlineData(33)]
    [InlineData(131021)]
    [InlineData(131030)]
    [InlineData(131037)]
    [InlineData(131042)]
    [InlineData(131045)]
    [InlineData(133010)]
    [InlineData(131062)]
    [InlineData(131063)]
    [InlineData(131064)]
    [InlineData(132000)]
    [InlineData(132001)]
    [InlineData(132005)]
    [InlineData(132007)]
    [InlineData(132008)]
    [InlineData(132012)]
    [InlineData(132015)]
    [InlineData(132016)]
    [InlineData(132068)]
    [InlineData(132069)]
    [InlineData(137000)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(200)]
    [InlineData(299)]
    [InlineData(131005)]
    public void WhatsApp_refuses_the_message(int code)
    {
        Assert.NotEqual(WhatsAppErrors.Table.RuleOf(Error(-1)), WhatsAppErrors.Table.RuleOf(Error(code)));
        var rejected = Assert.IsType<SendAnswer.Rejected>(WhatsAppErrors.Table.AnswerTo(Error(code), Try(1), hasLink: true));
        Assert.Null(rejected.Attention);
        Assert.EndsWith($"(WhatsApp {code})", rejected.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, null, LaterScope.Recipient, 5)]
    [InlineData(1200, null, LaterScope.Recipient, 5)]
    [InlineData(2, 1545133, LaterScope.Recipient, 5)]
    [InlineData(4, null, LaterScope.App, Forever)]
    [InlineData(17, null, LaterScope.Account, Forever)]
    [InlineData(32, null, LaterScope.Account, Forever)]
    [InlineData(613, null, LaterScope.Account, Forever)]
    public void Instagram_says_later(int code, int? subcode, LaterScope scope, int tries)
    {
        var rule = Assert.IsType<ErrorRule.Again>(InstagramErrors.Table.RuleOf(Error(code, subcode)));
        Assert.Equal((scope, tries), (rule.Scope, rule.Tries));
    }

    [Theory]
    [InlineData(10, 2534022, "24 hours")]
    [InlineData(10, 2018278, "24 hours")]
    [InlineData(100, 2534014, "no such person")]
    [InlineData(100, 2018001, "no such person")]
    [InlineData(551, null, "can't be reached")]
    [InlineData(551, 1545041, "can't be reached")]
    [InlineData(100, 2018109, "too large")]
    [InlineData(100, null, "wrong")]
    [InlineData(100, 77, "wrong")]
    [InlineData(10, null, "may not")]
    [InlineData(200, null, "may not")]
    [InlineData(230, null, "may not")]
    public void Instagram_refuses_the_message(int code, int? subcode, string says)
    {
        var rejected = Assert.IsType<SendAnswer.Rejected>(InstagramErrors.Table.AnswerTo(Error(code, subcode), Try(1), hasLink: false));
        Assert.Contains(says, rejected.Reason, StringComparison.Ordinal);
        var shown = subcode is null ? $"{code}" : $"{code}/{subcode}";
        Assert.EndsWith($"(Instagram {shown})", rejected.Reason, StringComparison.Ordinal);
        Assert.Null(rejected.Attention);
    }

    [Fact]
    public void Instagram_stops_an_account_whose_token_is_dead_or_that_is_blocked()
    {
        var later = Assert.IsType<SendAnswer.Later>(InstagramErrors.Table.AnswerTo(Error(190), Try(1), hasLink: false));
        Assert.Equal((LaterScope.Account, null), (later.Scope, later.Wait));
        var rejected = Assert.IsType<SendAnswer.Rejected>(InstagramErrors.Table.AnswerTo(Error(368), Try(1), hasLink: false));
        Assert.NotNull(rejected.Attention);
    }

    [Theory]
    [InlineData(400, null, nameof(ErrorRule.Refuse))]
    [InlineData(403, null, nameof(ErrorRule.Refuse))]
    [InlineData(404, null, nameof(ErrorRule.Refuse))]
    [InlineData(400, true, nameof(ErrorRule.Again))]
    [InlineData(401, null, nameof(ErrorRule.Stop))]
    [InlineData(429, null, nameof(ErrorRule.Again))]
    [InlineData(500, null, nameof(ErrorRule.Again))]
    [InlineData(503, false, nameof(ErrorRule.Again))]
    public void A_code_that_nobody_knows_is_judged_by_the_status_and_its_own_word(int status, bool? isTransient, string rule)
    {
        var error = Error(987654) with { Status = (HttpStatusCode)status, IsTransient = isTransient };
        Assert.Equal(rule, WhatsAppErrors.Table.RuleOf(error).GetType().Name);
    }

    [Theory]
    [InlineData(200, null, nameof(SendAnswer.Unknown))]
    [InlineData(204, null, nameof(SendAnswer.Unknown))]
    [InlineData(302, null, nameof(SendAnswer.Rejected))]
    [InlineData(404, null, nameof(SendAnswer.Rejected))]
    [InlineData(408, null, nameof(SendAnswer.Unknown))]
    [InlineData(429, null, nameof(SendAnswer.Later))]
    [InlineData(500, null, nameof(SendAnswer.Unknown))]
    [InlineData(502, null, nameof(SendAnswer.Unknown))]
    [InlineData(503, null, nameof(SendAnswer.Unknown))]
    [InlineData(503, 30, nameof(SendAnswer.Later))]
    public void An_answer_that_is_not_Graphs_says_nothing_of_what_became_of_the_message(int status, int? retryAfter, string answer)
    {
        var foreign = new GraphReply.Foreign(
            (HttpStatusCode)status, retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        var given = WhatsAppErrors.Table.AnswerTo(foreign, Try(1));
        Assert.Equal(answer, given.GetType().Name);
        if (given is SendAnswer.Later later && retryAfter is { } wait) Assert.Equal(wait, later.Wait!.Value.TotalSeconds);
    }

    [Fact]
    public void Retry_After_is_waited_for_where_it_is_longer()
    {
        var longer = Error(130429) with { RetryAfter = TimeSpan.FromSeconds(90) };
        var later = Assert.IsType<SendAnswer.Later>(WhatsAppErrors.Table.AnswerTo(longer, Try(1), hasLink: false));
        Assert.Equal(TimeSpan.FromSeconds(90), later.Wait);
        var shorter = Error(131057) with { RetryAfter = TimeSpan.FromSeconds(1) };
        later = Assert.IsType<SendAnswer.Later>(WhatsAppErrors.Table.AnswerTo(shorter, Try(1), hasLink: false));
        Assert.InRange(later.Wait!.Value.TotalSeconds, 60, 75);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(3601)]
    public void Retry_After_is_not_waited_for_longer_than_an_hour(int seconds)
    {
        var asked = TimeSpan.FromSeconds(seconds);
        SendAnswer[] answers =
        [
            WhatsAppErrors.Table.AnswerTo(Error(4) with { RetryAfter = asked }, Try(1), hasLink: false),
            WhatsAppErrors.Table.AnswerTo(new GraphReply.Foreign(HttpStatusCode.TooManyRequests, asked), Try(1)),
            WhatsAppErrors.Table.AnswerTo(new GraphReply.Foreign(HttpStatusCode.TooManyRequests, TimeSpan.MaxValue), Try(1)),
        ];

        Assert.All(answers, a => Assert.Equal(TimeSpan.FromHours(1), Assert.IsType<SendAnswer.Later>(a).Wait));
    }

    [Theory]
    [InlineData("""{"error":{"code":131026,"message":"m","error_data":{"details":"d"}}}""", 131026, null, "d")]
    [InlineData("""{"error":{"code":131026,"message":"m","error_data":"plain"}}""", 131026, null, "plain")]
    [InlineData("""{"error":{"code":"131026","message":"m","error_data":7}}""", 131026, null, "m")]
    [InlineData("""{"error":{"code":10,"error_subcode":2534022,"error_user_msg":"u","message":"m"}}""", 10, 2534022, "u")]
    [InlineData("""{"error":{"code":1e40}}""", -1, null, null)]
    [InlineData("""{"error":{}}""", -1, null, null)]
    [InlineData("""{"error":"down"}""", -1, null, "down")]
    [InlineData("""{"error":[1]}""", -1, null, null)]
    public void An_error_is_read_whatever_its_members_are(string json, int code, int? subcode, string? details)
    {
        var error = GraphError.TryRead(JsonElement.Parse(json), HttpStatusCode.BadRequest, null);
        Assert.Equal((code, subcode, details), (error!.Code, error.Subcode, error.Details));
    }

    [Theory]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"error":null}""")]
    [InlineData("[]")]
    [InlineData("1")]
    public void What_has_no_error_is_none(string json) =>
        Assert.Null(GraphError.TryRead(JsonElement.Parse(json), HttpStatusCode.OK, null));

    [Fact]
    public void A_reason_holds_what_the_provider_says_on_one_line_and_not_too_much_of_it()
    {
        var error = Error(131026) with { Details = "a\r\nb" + new string('x', 5000) };
        var reason = Assert.IsType<SendAnswer.Rejected>(WhatsAppErrors.Table.AnswerTo(error, Try(1), hasLink: false)).Reason;
        Assert.DoesNotContain('\n', reason);
        Assert.InRange(reason.Length, 300, 600);
        Assert.EndsWith("(WhatsApp 131026)", reason, StringComparison.Ordinal);
    }

    private static GraphError Error(int code, int? subcode = null) => new(HttpStatusCode.BadRequest, code, subcode, null, null, null);

    private static Outgoing Try(int number) => new(Samples.Message(), Samples.Start, First: true) { Try = number };
}
