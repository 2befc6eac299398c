using System.Globalization;
using System.Text;
using System.Text.Json;
using Chat.Core.Log;
using Chat.Core.Webhooks;

namespace Chat.Tests.Webhooks;

/// <summary>What was posted comes out of the log byte by byte; only what no log takes in one piece is cut, and whole.</summary>
public sealed class RawWebhookTests
{
    // Of Kafka's topics, and of the embedded log.
    private const int LargestRecord = 1_048_588;

    private static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");

    [Fact]
    public void Body_when_one_event_takes_it_is_kept_as_it_is()
    {
        var body = Encoding.UTF8.GetBytes(WebhookSignatureTests.Body);

        var appended = Assert.Single(new RawWebhook("whatsapp", "default", null, body).ToEvents(traceParent: null));

        Assert.Equal(("webhooks.whatsapp", 32), (appended.Topic, appended.Key.Length));
        Assert.Equal(body, appended.Value.ToArray());
        Assert.Equal([new(HeaderNames.WebhookApp, "default")], appended.Headers!);
    }

    [Fact]
    public void App_when_it_is_an_organizations_own_comes_along()
    {
        var appended = Assert.Single(
            new RawWebhook("whatsapp", Organization.ToString(), Organization, "{}"u8.ToArray()).ToEvents(traceParent: null));

        var read = RawWebhook.Read("whatsapp", new(0, appended.Key, appended.Value, default, appended.Headers!));
        Assert.Equal((Organization.ToString(), Organization), (read.App, read.OrganizationId));
    }

    [Fact]
    public void Key_when_the_body_is_the_same_is_the_same()
    {
        Assert.Equal(KeyOf("{\"a\":1}"), KeyOf("{\"a\":1}"));
        Assert.NotEqual(KeyOf("{\"a\":1}"), KeyOf("{\"a\":2}"));

        static string KeyOf(string body) =>
            new RawWebhook("whatsapp", "default", null, Encoding.UTF8.GetBytes(body)).ToEvents(traceParent: null)[0].Key;
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 7_000)]
    [InlineData(7, 1_000)]
    [InlineData(3_000, 2)]
    public void Body_of_whatsapps_when_it_is_the_largest_is_cut_between_updates(int entries, int updates)
    {
        var (body, ids) = (new StringBuilder("{\"object\":\"whatsapp_business_account\",\"entry\":["), new List<string>());
        for (var entry = 0; entry < entries; entry++)
        {
            if (entry > 0) body.Append(',');
            body.Append(CultureInfo.InvariantCulture, $$$"""{"id":"W{{{entry}}}","changes":[{"field":"messages","value":{"metadata":""");
            body.Append(CultureInfo.InvariantCulture, $$$"""{"phone_number_id":"P{{{entry}}}"},"contacts":[{"wa_id":"5511900000002"}]""");
            foreach (var array in new[] { "messages", "statuses" })
            {
                body.Append(CultureInfo.InvariantCulture, $",\"{array}\":[");
                for (var i = 0; i < updates; i++)
                {
                    var id = $"wamid.{array}.{entry}.{i}";
                    ids.Add($"W{entry}/P{entry} {id}");
                    body.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? "," : "")}{Update(id)}");
                }
                body.Append(']');
            }
            body.Append("}}]}");
        }
        var whole = body.Append("]}").ToString();
        AssertCut(whole, [.. Described.WhatsAppBody(whole).Order(StringComparer.Ordinal)], Described.WhatsAppBody);
        Assert.Equal(ids.Count, entries * updates * 2);

        static string Update(string id) =>
            $$$"""
            {"id":"{{{id}}}","status":"sent","from":"5511900000002","timestamp":"1790000000","type":"text","text":{"body":"Ol\u00e1"}}
            """;
    }

    [Fact]
    public void Body_of_instagrams_when_it_is_the_largest_is_cut_between_updates()
    {
        var items = Enumerable.Range(0, 20_000).Select(i =>
            $$$"""
            {"sender":{"id":"990"},"timestamp":1790000000000,"message":{"mid":"m{{{i}}}","text":"a\/b {{{new string('x', 50)}}}"}}
            """);
        var body = $$"""{"object":"instagram","entry":[{"id":"178","time":1,"messaging":[{{string.Join(',', items)}}]}]}""";

        AssertCut(body, [.. Described.InstagramBody(body).Order(StringComparer.Ordinal)], Described.InstagramBody);
    }

    [Fact]
    public void Body_when_it_cannot_be_read_and_is_too_large_is_cut_anywhere()
    {
        var body = new byte[2_000_000];
        body.AsSpan().Fill((byte)'{');

        var parts = new RawWebhook("whatsapp", "default", null, body).ToEvents(traceParent: null);

        Assert.All(parts, p => Assert.InRange(p.Value.Length, 1, RawWebhook.MaxEventBytes));
        Assert.Equal(body.Length, parts.Sum(p => p.Value.Length));
    }

    [Fact]
    public void Element_when_it_alone_is_larger_makes_a_part_of_its_own()
    {
        var large = new string('x', RawWebhook.MaxEventBytes + 1);
        var body = $$$"""
            {"entry":[{"id":"W","changes":[{"field":"messages","value":{"messages":[{"id":"1"},{"id":"{{{large}}}"},{"id":"3"}]}}]}]}
            """;

        var parts = new RawWebhook("whatsapp", "default", null, Encoding.UTF8.GetBytes(body)).ToEvents(traceParent: null);

        Assert.Equal(3, parts.Count);
        Assert.InRange(parts[1].Value.Length, large.Length, large.Length + 200);
    }

    [Theory]
    [InlineData("""{"x":"LARGE","entry":[ENTRIES]}""", true)]
    [InlineData("""{"entry":[{"id":"W","x":"LARGE","changes":[{"field":"messages","value":{METADATA,"statuses":[STATUSES]}}]}]}""", true)]
    [InlineData(
        """{"entry":[{"id":"W","changes":[{"field":"messages","value":{"contacts":"LARGE",METADATA,"statuses":[STATUSES]}}]}]}""", true)]
    [InlineData("""{"entry":[{"id":"W","changes":[{"field":"messages","value":{"x":"THIRD",ARRAYS}}]}]}""", false)]
    [InlineData("""{"entry":[{"changes":[{"value":{"x":"THIRD"}},{"value":{"x":"THIRD",ARRAYS}}]}]}""", false)]
    [InlineData("""{"x":"LARGE","entry":[]}""", false)]
    public void Body_when_what_surrounds_its_updates_is_large_makes_no_more_than_a_few_times_as_much(string pattern, bool isRead)
    {
        const int count = 200;
        var ids = Enumerable.Range(0, count).Select(i => $"wamid.{i}").ToList();
        var statuses = ids.ConvertAll(id => $$"""{"id":"{{id}}","status":"sent","timestamp":"1790000000"}""");
        var entries = statuses.Select(s => $$$"""{"id":"W","changes":[{"field":"messages","value":{METADATA,"statuses":[{{{s}}}]}}]}""");
        var arrays = ids.Select(id => $"\"{id}\":[\"{new string('y', 4_000)}\"]");
        var body = Encoding.UTF8.GetBytes(pattern
            .Replace("LARGE", new string('x', 3_000_000), StringComparison.Ordinal)
            .Replace("THIRD", new string('x', 300_000), StringComparison.Ordinal)
            .Replace("STATUSES", string.Join(',', statuses), StringComparison.Ordinal)
            .Replace("ENTRIES", string.Join(',', entries), StringComparison.Ordinal)
            .Replace("METADATA", "\"metadata\":{\"phone_number_id\":\"P\"}", StringComparison.Ordinal)
            .Replace("ARRAYS", string.Join(',', arrays), StringComparison.Ordinal));
        var allocated = GC.GetAllocatedBytesForCurrentThread();

        var parts = new RawWebhook("whatsapp", "default", null, body).ToEvents(traceParent: null);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 100_000_000);
        Assert.InRange(parts.Sum(p => (long)p.Value.Length), 1, 4L * body.Length);
        Assert.All(parts, p => Assert.InRange(p.Value.Length, 1, LargestRecord - 1024));
        if (!isRead) return;
        var read = parts.SelectMany(p => Described.WhatsAppBody(Encoding.UTF8.GetString(p.Value.Span)));
        Assert.Equal(ids.Select(id => $"W/P SENT {id}"), read.Select(r => string.Join(' ', r.Split(' ').Take(3))));
    }

    [Fact]
    public void Body_of_messages_by_a_thousand_people_when_it_is_the_largest_names_them_all_in_each_part()
    {
        var (name, id, text) = (new string('n', 100), new string('u', 60), new string('t', 2_500));
        var people = string.Join(',', Enumerable.Range(0, 1000).Select(i =>
            $$$"""{"profile":{"name":"{{{name}}}"},"wa_id":"5511{{{i}}}","user_id":"BR.{{{id}}}{{{i}}}"}"""));
        var messages = string.Join(',', Enumerable.Range(0, 1000).Select(i =>
            $$$"""{"id":"{{{i}}}","from":"5511{{{i}}}","timestamp":"1790000000","type":"text","text":{"body":"{{{text}}}"}}"""));
        var value = $$"""{"contacts":[{{people}}],"messages":[{{messages}}]}""";
        var body = Encoding.UTF8.GetBytes($$$"""{"entry":[{"id":"W","changes":[{"field":"messages","value":{{{value}}}}]}]}""");

        var parts = new RawWebhook("whatsapp", "default", null, body).ToEvents(traceParent: null);

        Assert.InRange(parts.Count, 5, 8);
        var named = $"\"contacts\":[{people}]";
        Assert.All(parts, p => Assert.Contains(named, Encoding.UTF8.GetString(p.Value.Span), StringComparison.Ordinal));
    }

    [Fact]
    public void Element_when_no_log_takes_it_is_cut_anywhere_and_the_others_stay_whole()
    {
        var body = $$$"""
            {"entry":[{"id":"W","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"P"},"statuses":[
            {"id":"1","status":"sent"},{"id":"{{{new string('x', 1_500_000)}}}"},{"id":"3","status":"sent"}]}}]}]}
            """;

        var parts = new RawWebhook("whatsapp", "default", null, Encoding.UTF8.GetBytes(body)).ToEvents(traceParent: null);

        Assert.Equal(4, parts.Count);
        Assert.All(parts, p => Assert.InRange(p.Value.Length, 1, LargestRecord - 1024));
        Assert.Equal(["W/P SENT 1 - -"], Described.WhatsAppBody(Encoding.UTF8.GetString(parts[0].Value.Span)));
        Assert.Equal(["W/P SENT 3 - -"], Described.WhatsAppBody(Encoding.UTF8.GetString(parts[3].Value.Span)));
    }

    private static void AssertCut(string body, string[] expected, Func<string, string[]> describe)
    {
        var raw = new RawWebhook("whatsapp", "default", null, Encoding.UTF8.GetBytes(body));

        var parts = raw.ToEvents(traceParent: null);

        Assert.Equal(body.Length > RawWebhook.MaxEventBytes, parts.Count > 1);
        Assert.All(parts, p => Assert.InRange(p.Value.Length, 1, LargestRecord - 1024));
        Assert.Single(parts.Select(p => p.Key).Distinct());
        var read = parts.SelectMany(p => describe(Encoding.UTF8.GetString(p.Value.Span))).Order(StringComparer.Ordinal);
        Assert.Equal(expected, read);
        Assert.All(parts, p => Assert.Equal(
            JsonElement.Parse(body).GetProperty("object").GetString(), JsonElement.Parse(p.Value.Span).GetProperty("object").GetString()));
    }

    [Fact]
    public void Body_when_a_name_in_it_cannot_be_decoded_is_cut_all_the_same()
    {
        var body = """{"entry":[{"id":"1","\ud800":1,"changes":[{"field":"a"},{"field":"b"},{"field":"c"}]}]}""";

        var parts = WebhookCut.Cut(Encoding.UTF8.GetBytes(body), 60);

        Assert.InRange(parts.Count, 2, 3);
        Assert.All(parts, part => Assert.Contains("\\ufffd", Encoding.UTF8.GetString(part.Span), StringComparison.OrdinalIgnoreCase));
    }
}
