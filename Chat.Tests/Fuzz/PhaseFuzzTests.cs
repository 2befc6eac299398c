using Chat.Core.Conversations;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;
using Chat.RouterWorker.Routing;
using Chat.StatusWorker.Recording;

namespace Chat.Tests.Fuzz;

/// <summary>
/// The workers' phases on batches of inputs that are wrong in every way, whatever the stores say to them: no event makes a phase throw,
/// and none is lost.
/// </summary>
public sealed class PhaseFuzzTests
{
    private const int Usual = 200;
    private const int LargestBatch = 30;

    private static readonly DateTimeOffset Now = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Statuses()
    {
        var topic = new TopicDescription(Topics.Status, 3, "a");
        Run(FuzzSamples.Statuses, (random, events) =>
        {
            var partition = new TopicPartition(Topics.Status, random.Next(3));
            var incoming = IncomingStatuses.Read(partition, new(topic, random.Next(1, SequenceNumber.MaxEpoch + 1)), events);
            var resolved = incoming.Resolve(_ => random.Next(3) switch
            {
                0 => null,
                1 => new(FuzzSamples.Conversation, Guid.CreateVersion7(Now)),
                _ => new(Guid.NewGuid(), Guid.NewGuid()),
            });
            var admitted = resolved.Admit(
                OwnersOf(random, resolved.Conversations),
                [.. resolved.Keys.Select(k => new MessageState(k, random.Next(3) == 0 ? null : MessageOf(k), default))]);
            var heads = new EarlierHeads();
            heads.Read(resolved.Conversations, resolved.Conversations.ToDictionary(c => c, _ => random.NextInt64()));
            var applied = admitted.Apply(
                [.. admitted.Records.Select(r => r.Key).Distinct().Select(k => new MessageState(k, MessageOf(k), FactsOf(random)))],
                new(),
                heads);
            Assert.Equal(events.Count, applied.Changes.Count + applied.Repeated + applied.Parked.Count + applied.Appends.Count);
            Assert.InRange(applied.Again.Count, 0, applied.Changes.Count);
            foreach (var parked in applied.Parked) _ = ParkedStatuses.Release(parked, new(Guid.NewGuid(), Guid.NewGuid()));
        });
    }

    [Fact]
    public void Messages() => Run(FuzzSamples.Messages, (random, events) =>
    {
        var incoming = IncomingMessages.Read(new(Topics.Messages, 0), new(new(Topics.Messages, 3, "a"), 1), events);
        var claims = incoming.Claims.ToList();
        var owners = claims.ToDictionary(
            c => c.ConversationId, c => random.Next(3) == 0 ? c with { OrganizationId = Guid.NewGuid() } : c);
        var admitted = incoming.Admit(owners);
        ParkedStatus[] parked =
        [
            .. admitted.Subjects
                .Where(_ => random.Next(2) == 0)
                .Select(s => new ParkedStatus(s, random.NextInt64(1L << 53), Any(random, events), Now)),
        ];
        var routed = admitted.Route();
        Assert.Equal(events.Count, routed.DeadLetters.Count + routed.Count);
        Assert.Equal(parked, admitted.Join(parked).Select(j => j.Parked));
    });

    private static ReadOnlyMemory<byte> Any(Random random, IReadOnlyList<LogEvent> events) => events[random.Next(events.Count)].Value;

    private static Dictionary<Guid, ConversationOwner> OwnersOf(Random random, IEnumerable<Guid> conversations) => conversations
        .Where(_ => random.Next(4) > 0)
        .ToDictionary(c => c, c => new ConversationOwner(c, random.Next(2) == 0 ? FuzzSamples.Organization : Guid.NewGuid(), Now));

    private static Message MessageOf(MessageKey key) => new(
        key.MessageId, key.ConversationId, FuzzSamples.Organization, Guid.Empty, "whatsapp", "outbound", "text", "{}", null, Now);

    // What was recorded is among them: an event without its own fact is not what a store answers.
    private static StatusFacts FactsOf(Random random)
    {
        var facts = default(StatusFacts);
        foreach (var kind in Enum.GetValues<StatusKind>())
            facts = facts.With(kind, new(Now.AddSeconds(-random.Next(10_000_000)), null, random.NextInt64(1L << 53)));
        return facts;
    }

    private static void Run(FuzzSample[] samples, Action<Random, IReadOnlyList<LogEvent>> process)
    {
        var inputs = new FuzzInputs($"Phase{TestContext.Current.TestMethod!.MethodName}", samples);
        var random = inputs.Random;
        for (var left = FuzzInputs.Count(2, Usual); left > 0; left--)
        {
            var offset = random.NextInt64(1L << 39);
            var events = Enumerable.Range(0, random.Next(1, LargestBatch)).Select(_ => new LogEvent(
                offset += random.Next(1, 5),
                random.Next(4) == 0 ? null : new string((char)random.Next(1, 0xFFFF), random.Next(10)),
                inputs.Next(),
                Now.AddMilliseconds(random.Next()),
                random.Next(3) == 0 ? [new(HeaderNames.Rekeyed, "3"), new("traceparent", "\uD800"), new("dlq.reason", "x")] : [])).ToList();
            try
            {
                process(random, events);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {inputs.Seed}, {left} left", exception);
            }
        }
    }
}
