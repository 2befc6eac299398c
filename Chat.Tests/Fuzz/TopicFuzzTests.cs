using Chat.Core.Log;
using Chat.Core.Messages;

namespace Chat.Tests.Fuzz;

/// <summary>Records that any producer may write, among good ones: the good ones are all done, and nothing is tried for ever.</summary>
public sealed class TopicFuzzTests(FuzzGraph graph) : IClassFixture<FuzzGraph>
{
    private const int Share = 40;
    private const int Usual = 1_000;
    private const int Chunk = 500;

    [Fact]
    public Task Messages_topic() => RunAsync(Topics.Messages, FuzzSamples.Messages);

    [Fact]
    public Task Status_topic() => RunAsync(Topics.Status, FuzzSamples.Statuses);

    [Fact]
    public Task Outbound_topic() => RunAsync(Topics.Outbound("whatsapp"), FuzzSamples.Messages);

    private async Task RunAsync(string topic, FuzzSample[] samples)
    {
        var inputs = new FuzzInputs(topic, samples);
        for (var left = FuzzInputs.Count(Share, Usual); left > 0; left -= Chunk)
        {
            var events = new List<NewEvent>();
            var good = new List<Message>();
            for (var i = 0; i < Math.Min(Chunk, left); i++)
            {
                var json = inputs.Next();
                var key = inputs.Random.Next(3) == 0 ? FuzzSamples.Conversation.ToString() : $"key {inputs.Random.Next(50)}";
                // What the log itself does not take is nobody's to read.
                if (json.Length is > 0 and < 900_000) events.Add(new(topic, key, json, Headers(inputs)));
                if (i % 50 > 0) continue;
                var (message, posted) = graph.NewMessage(FuzzSamples.Conversation);
                good.Add(message);
                events.Add(posted);
            }
            await graph.Host.Log.AppendAsync(events, TestContext.Current.CancellationToken);
            await graph.AssertReadAsync(good);
        }
        graph.AssertNoComplaint();
    }

    private static EventHeader[] Headers(FuzzInputs inputs) => inputs.Random.Next(4) == 0
        ? [new(HeaderNames.TraceParent, NastyJson.Text(inputs.Random)), new(HeaderNames.Rekeyed, NastyJson.Text(inputs.Random))]
        : [];
}
