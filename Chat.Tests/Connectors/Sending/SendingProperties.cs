using Chat.Connectors.Providers;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Statuses;

namespace Chat.Tests.Connectors.Sending;

/// <summary>
/// Whatever the provider answers, and wherever the process dies, nothing arrives twice and nothing is left without an end.
/// </summary>
public sealed class SendingProperties : SendingHarness
{
    private readonly List<Message> _arrived = [];
    private bool _crashes;

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Each_message_arrives_once_at_most_and_ends(int seed)
    {
        var random = new Random(seed);
        _crashes = seed % 4 != 0;
        var conversations = Enumerable.Range(0, 8).Select(_ => _ids.Next()).ToArray();
        var posted = new List<Message>();
        _provider.Answer = outgoing => Task.FromResult(Answer(outgoing, random));
        StartUp();
        for (var step = 0; step < 150; step++)
        {
            if (posted.Count < 120)
            {
                var messages = Enumerable.Range(0, random.Next(1, 4))
                    .Select(_ => Message(conversations[random.Next(conversations.Length)]))
                    .Select(m => m with { Recipient = $"55119{Array.IndexOf(conversations, m.ConversationId):00000000}" })
                    .ToArray();
                foreach (var message in messages) _store.Store(message);
                posted.AddRange(messages);
                if (random.Next(4) == 0) CrashDuring(random.Next(1, 12), () => Post(messages));
                else Post(messages);
            }
            if (random.Next(6) == 0) CrashDuring(random.Next(1, 12), () => Pass(random.Next(1, 20_000)));
            else Pass(random.Next(1, 20_000));
            if (random.Next(8) == 0) CrashDuring(random.Next(1, 6), Release);
            else Release();
            if (_accounts[Key].Account.State != Core.Accounts.AccountState.Active && random.Next(3) == 0)
                _accounts.Connect(Key, Organization);
            if (random.Next(5) == 0) Sweep();
        }
        // Quiet: the provider takes everything, and time goes on.
        _provider.Answer = outgoing => Task.FromResult(Arrive(outgoing));
        _accounts.Connect(Key, Organization);
        for (var minute = 0; minute < 60; minute++)
        {
            Pass(60_000);
            Release();
        }
        Sweep();

        Assert.Empty(_store.Held);
        Assert.All(_arrived.GroupBy(m => m.MessageId), arrivals => Assert.Single(arrivals));
        if (!_crashes)
        {
            Assert.All(
                _arrived.GroupBy(m => m.ConversationId, m => m.MessageId), arrivals => Assert.Equal(arrivals.Order(), arrivals));
        }
        Assert.Equal(_log.Events(Core.Log.Topics.Outbound(Key.Channel)).Count, _log.Committed);
        var failed = Statuses().Where(s => s.Status == StatusKind.Failed).Select(s => s.MessageId!.Value).ToHashSet();
        var arrived = _arrived.Select(m => m.MessageId).ToHashSet();
        var ends = _store.Tries.GroupBy(e => e.Try.MessageId).ToDictionary(g => g.Key, g => g.MaxBy(e => e.Try.Number)!.Outcome);
        Assert.All(posted, message =>
        {
            var end = ends[message.MessageId];
            Assert.True(end is SendOutcome.Accepted or SendOutcome.Rejected or SendOutcome.GivenUp, $"{message.MessageId}: {end}");
            if (end == SendOutcome.Accepted) Assert.Contains(message.MessageId, arrived);
            if (end == SendOutcome.Rejected) Assert.DoesNotContain(message.MessageId, arrived);
            Assert.Equal(end != SendOutcome.Accepted, failed.Contains(message.MessageId));
        });
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    /// <summary>The process dies at one of its next calls of the store, and another one starts.</summary>
    private void CrashDuring(int calls, Action action)
    {
        if (!_crashes)
        {
            action();
            return;
        }
        _store.Before = _ =>
        {
            if (--calls > 0) return;
            _log.FailAppends = int.MaxValue;
            throw new IOException("The process is dead.");
        };
        try
        {
            action();
        }
        catch (IOException)
        {
            // It was the store's.
        }
        Stop();
        // What it still waits for ends.
        Pass(10_000);
        _store.Before = _ => { };
        _log.FailAppends = 0;
        StartUp();
    }

    private SendAnswer Arrive(Outgoing outgoing)
    {
        _arrived.Add(outgoing.Message);
        return _provider.Accept(outgoing);
    }

    private SendAnswer Answer(Outgoing outgoing, Random random)
    {
        switch (random.Next(20))
        {
            case < 9:
                return Arrive(outgoing);
            case < 11:
                _arrived.Add(outgoing.Message);
                return new SendAnswer.Unknown("the answer was lost");
            case < 12:
                return new SendAnswer.Unknown("the request was lost");
            case < 14:
                return new SendAnswer.Rejected("no");
            case < 16:
                return new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromSeconds(random.Next(1, 60)), "busy");
            case < 18:
                return new SendAnswer.Later((LaterScope)random.Next(1, 4), TimeSpan.FromSeconds(random.Next(1, 60)), "busy");
            case 18:
                return new SendAnswer.Later(LaterScope.Account, null, "stopped");
            default:
                return new SendAnswer.Later(LaterScope.Recipient, TimeSpan.FromSeconds(1), "busy");
        }
    }
}
