using System.Diagnostics;
using Chat.Core.Channels;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.LoadTest.Distributed;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Chat.LoadTest.Faults;

/// <summary>
/// Events that are refused for good among many that are not, half of which come over HTTP and half straight from the topic: all others
/// become READ, and each refused one is among the dead letters.
/// </summary>
internal sealed class RefusedRun(FaultsOptions options, RunIds ids, string token, string folder)
{
    private const int OfEachKind = 20;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan HttpTimeout = TimeSpan.FromMinutes(5);

    private static readonly int Refused = RefusedKind.All.Count * OfEachKind;

    private readonly Ledger _ledger = new(clients: 0);
    private readonly IdSource _messageIds = new(TimeProvider.System);

    private string RefusedMark => $"{ids.TextMark}-refused-";

    public async Task<(Markdown Report, bool Good)> RunAsync(CancellationToken cancellationToken)
    {
        using var fleet = await Fleet.StartAsync(options.Servers, folder, FleetPlan.TwoOfMost, cancellationToken, MakeTopicsAsync);
        var overHttp = (options.Events - Refused) / 2;
        var direct = options.Events - Refused - overHttp;
        var poster = new Poster(fleet.Http, [.. fleet.Apis.Select(a => a.Address)], token, ids, _ledger, options.Rate, overHttp);
        Progress.Say($"posting {overHttp:N0} over HTTP at {options.Rate}/s");
        var started = Stopwatch.GetTimestamp();
        var posting = poster.RunAsync(cancellationToken, cancellationToken);
        await Until.TrueAsync(
            () => poster.Failed > 0
                ? throw new InvalidOperationException("Posts that are as they should be are refused.")
                : Task.FromResult(_ledger.Messages.Select(m => m.Conversation).ToHashSet().Count == ids.Conversations.Count),
            "each conversation has a message", HttpTimeout, cancellationToken);
        var refused = new List<RefusedEvent>();
        var sent = await ProduceAsync(fleet, direct, refused, cancellationToken);
        await posting;
        Progress.Say($"produced {sent.Count:N0} into the topic, {refused.Count} refused ones; waiting");

        HashSet<Guid> expected = [.. sent, .. _ledger.Messages.Select(m => m.Id)];
        var reader = new StoreReader(fleet.Http, token);
        var (done, listed, others) = (0, Array.Empty<int>(), 0);
        var waited = Stopwatch.GetTimestamp();
        while ((done < expected.Count || listed.Sum() < Refused) && Stopwatch.GetElapsedTime(waited) < options.CatchUp)
        {
            await Task.Delay(Look, cancellationToken);
            var stored = await reader.ReadAllAsync(fleet.Apis[1].Address, ids.Conversations, cancellationToken);
            done = expected.Count(id => stored.TryGetValue(id, out var message) && message.Facts == 3);
            (listed, others) = Count(await fleet.Services.RunToolAsync(["dead-letters", "list", "--full"], cancellationToken), refused);
            Progress.Say($"{done:N0} of {expected.Count:N0} are READ, {listed.Sum()} of {refused.Count} are dead letters, {others} others");
        }
        // A post that was refused, or became another's message, is missing too.
        var good = sent.Count + overHttp;
        var report = Report(good, overHttp, done, listed, others, Stopwatch.GetElapsedTime(started));
        return (report, done == good && listed.All(l => l == OfEachKind) && others == 0);
    }

    /// <summary>Topics that are smaller than those that the services would make, as an operator may have made them.</summary>
    private async Task MakeTopicsAsync()
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = options.Servers.Kafka }).Build();
        await admin.CreateTopicsAsync(
        [
            Topic(Topics.DeadLetter(Topics.Status), RefusedKind.DefaultMaxBytes),
            Topic(Topics.Outbound(ChannelCatalog.Instagram), RefusedKind.SmallMaxBytes),
        ]);

        static TopicSpecification Topic(string name, int maxBytes) => new()
        {
            Name = name,
            NumPartitions = 6,
            Configs = new() { ["max.message.bytes"] = $"{maxBytes}", ["message.timestamp.type"] = "LogAppendTime" },
        };
    }

    /// <summary>Produces the good messages at the rate, and the refused events spread evenly among them.</summary>
    /// <returns>The ids of the good ones.</returns>
    private async Task<List<Guid>> ProduceAsync(Fleet fleet, int count, List<RefusedEvent> refused, CancellationToken cancellationToken)
    {
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig
        {
            BootstrapServers = options.Servers.Kafka,
            Partitioner = Partitioner.Murmur2Random,
            MessageMaxBytes = 2 * RefusedKind.DefaultMaxBytes,
        }).Build();
        var (sent, started) = (new List<Guid>(), Stopwatch.GetTimestamp());
        for (var i = 0; i < count; i++)
        {
            var message = MessageOf(i, ids.ChannelOf(i));
            producer.Produce(Topics.Messages, RecordOf(message.ConversationId, MessageEventJson.Write(message)), ThrowOnError);
            sent.Add(message.MessageId);
            while (refused.Count < (long)(i + 1) * Refused / count)
            {
                var kind = RefusedKind.All[refused.Count % RefusedKind.All.Count];
                var one = kind.Create(
                    kind.Topic is null ? Posted(i) : MessageOf(i, ChannelCatalog.WhatsApp), $"{RefusedMark}{refused.Count}.");
                if (one.Topic is { } topic) producer.Produce(topic, RecordOf(one.Conversation, one.Value), ThrowOnError);
                else await CallBackAsync(fleet, one, cancellationToken);
                refused.Add(one);
            }
            var ahead = TimeSpan.FromSeconds(i / options.Rate) - Stopwatch.GetElapsedTime(started);
            if (ahead > TimeSpan.Zero) await Task.Delay(ahead, cancellationToken);
        }
        producer.Flush(cancellationToken);
        return sent;
    }

    private Message MessageOf(long number, string channel)
    {
        var id = _messageIds.Next();
        return new(
            id, ids.ConversationOf(number), ids.Organization, ids.User, channel, MessageDirection.Outbound, "text",
            $$"""{"texto":"{{ids.TextOf(number)}}"}""", ids.RecipientOf(number), MessageIds.CreatedAt(id)!.Value);
    }

    /// <summary>A message on WhatsApp that was posted over HTTP.</summary>
    private Message Posted(long number)
    {
        var onWhatsApp = ids.Conversations.Where((_, i) => ids.ChannelOf(i) == ChannelCatalog.WhatsApp).ToHashSet();
        var posted = _ledger.Messages.First(m => onWhatsApp.Contains(m.Conversation));
        return MessageOf(number, ChannelCatalog.WhatsApp) with { MessageId = posted.Id, ConversationId = posted.Conversation };
    }

    private static async Task CallBackAsync(Fleet fleet, RefusedEvent one, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(fleet.Apis[0].Address, "/v1/callbacks/status"))
        {
            Content = new ByteArrayContent(one.Value) { Headers = { ContentType = new("application/json") } },
        };
        request.Headers.Authorization = new("Bearer", Services.CallbacksKeyOf(ChannelCatalog.Instagram));
        using var response = await fleet.Http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    private static Message<string, byte[]> RecordOf(Guid conversation, byte[] value) =>
        new() { Key = MessageIds.Format(conversation), Value = value };

    private static void ThrowOnError(DeliveryReport<string, byte[]> report)
    {
        if (report.Error.IsError) Progress.Say($"NOT PRODUCED: {report.Error}");
    }

    /// <summary>
    /// How many of each kind the tool lists; and how many dead letters are of events that should be none. A callback that came before
    /// its message is brought back by each side that sees the other, so it may be several.
    /// </summary>
    private (int[] Listed, int Others) Count(string list, IReadOnlyList<RefusedEvent> refused)
    {
        var lines = list.Split('\n');
        int[] listed = [.. RefusedKind.All.Select(kind => refused.Count(r => r.Kind == kind && IsListed(r.Mark)))];
        var all = lines.Count(l => !l.StartsWith(' ') && l.Contains(".dlq[", StringComparison.Ordinal));
        return (listed, all - lines.Count(l => l.Contains(RefusedMark, StringComparison.Ordinal)));

        bool IsListed(string mark) => lines.Any(l => l.Contains(mark, StringComparison.Ordinal));
    }

    private Markdown Report(int good, int overHttp, int done, int[] listed, int others, TimeSpan duration)
    {
        var text = new Markdown().Line("## Refused events among others").Line();
        FaultsReport.WriteMachine(text, options, "refused", $"--events {options.Events}");
        text
            .Line($"- {duration.TotalSeconds:F0} s from the first post to the last count; the topic got {options.Rate}/s too.")
            .Line()
            .Columns("others", "sent", "SENT, DELIVERED and READ in the store", "missing")
            .Row(
                $"messages, {overHttp:N0} over HTTP and {good - overHttp:N0} straight into `messages`", $"{good:N0}", $"{done:N0}",
                $"{good - done:N0}")
            .Line()
            .Columns("refused", "came by", "refused by", "sent", "listed by `Chat.Tools dead-letters list`");
        for (var i = 0; i < listed.Length; i++)
        {
            var kind = RefusedKind.All[i];
            var by = kind.Topic is { } topic ? $"`{topic}`" : "callback over HTTP";
            text.Row(kind.Name, by, kind.Refuser, $"{OfEachKind}", $"{listed[i]}");
        }
        return text.Row("all", "", "", $"{Refused}", $"{listed.Sum()}; {others} others are listed");
    }
}
