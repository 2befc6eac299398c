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
