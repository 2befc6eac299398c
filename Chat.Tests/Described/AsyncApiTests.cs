using System.Text.Json;
using Chat.Api.Hub.Protocol;
using Chat.Core.Log;

namespace Chat.Tests.Described;

/// <summary>The AsyncAPI document says all that goes over the WebSocket, the log and the bus, and nothing else.</summary>
public sealed class AsyncApiTests(DescribedHosts hosts, ITestOutputHelper output) : IClassFixture<DescribedHosts>
{
    public static TheoryData<string> Scenes => [.. AsyncApiScene.All.Select(s => s.Name)];

    [Fact]
    public void Every_message_has_examples_that_are_what_its_schemas_say() => Assert.All(
        AsyncApiDescription.Current.Messages,
        message =>
        {
            var examples = message.Json["examples"]!.AsArray();
            Assert.NotEmpty(examples);
            Assert.All(examples, example => Assert.Null(AsyncApiDescription.FindWrong(message, example!)));
        });

    [Fact]
    public void Close_codes_error_codes_and_topics_are_those_of_the_code()
    {
        var document = AsyncApiDescription.Current.Document;
        var codes = document["components"]!["schemas"]!["Error"]!["properties"]!["code"]!["enum"]!.AsArray();
        var topics = document["channels"]!.AsObject().Select(c => c.Value!["address"]!.GetValue<string>()).ToList();

        // Two are the WebSocket's own.
        Assert.Equal(
            [1002, 1007, .. Enum.GetValues<CloseCode>().Select(c => (int)c)], AsyncApiDescription.Current.CloseCodes);
        Assert.All(
            document["channels"]!["socket"]!["x-close-codes"]!.AsArray(),
            c => Assert.Equal(c!["code"]!.GetValue<long>() < 4500, c["reconnect"]!.GetValue<bool>()));
        Assert.Equal(
            typeof(ErrorCode).GetFields().Select(f => f.GetRawConstantValue()).Order(),
            codes.Select(c => (object)c!.GetValue<string>()).Order());
        Assert.All(
            Topics.All.Append(Topics.PutBack),
            topic => Assert.Contains(topics, t => t == topic
                || (t == "{topic}.dlq" && Topics.IsDeadLetter(topic))
                || (t == "msg.out.{channel}" && topic.StartsWith(Topics.Outbound(""), StringComparison.Ordinal))
                || (t == "msg.in.{channel}" && topic.StartsWith(Topics.Inbound(""), StringComparison.Ordinal))
                || (t == "webhooks.{channel}" && topic.StartsWith(Topics.Webhooks(""), StringComparison.Ordinal))));
    }

    [Fact]
    public void Every_reference_leads_somewhere()
    {
        var text = JsonSerializer.Serialize(AsyncApiDescription.Current.Document);
        Assert.All(
            System.Text.RegularExpressions.Regex.Matches(text, """\$ref":"#/([^"]+)""").Select(m => m.Groups[1].Value).Distinct(),
            path => Assert.NotNull(path.Split('/').Aggregate(
                (System.Text.Json.Nodes.JsonNode?)AsyncApiDescription.Current.Document, (node, name) => node?[name])));
    }

    [Fact]
    public void Everything_that_is_documented_has_a_scene()
    {
        Assert.Equal(
            AsyncApiDescription.Current.All.Order(StringComparer.Ordinal),
            AsyncApiScene.All.SelectMany(s => s.Shows).Order(StringComparer.Ordinal));
        var (messages, codes) = (AsyncApiDescription.Current.Messages.Count, AsyncApiDescription.Current.CloseCodes.Count);
        output.WriteLine($"{messages} messages, {codes} close codes");
    }

    // What the services say is held against the document where every test sees it: TestSocket, RawSocket, DescribedTraffic.
    [Theory]
    [MemberData(nameof(Scenes))]
    public async Task What_is_documented_is_seen(string scene)
    {
        var played = AsyncApiScene.All.Single(s => s.Name == scene);
        await played.PlayAsync(await hosts.GetAsync(HostState.Plain));
        Assert.All(played.Shows, shown => Assert.True(Seen.Has(shown), $"{shown} was not seen"));
    }
}
