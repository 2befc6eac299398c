using System.Text;
using Chat.Api.Auth;
using Chat.Api.Messages;
using Chat.Core.Channels;
using Chat.Core.Engines;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.Simulation.Clients;
using Chat.Simulation.Engines;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Faults;

/// <summary>Users who post and watch, and providers that report all kinds of things.</summary>
public sealed class Workload
{
    private static readonly string[] PoisonStatuses =
    [
        "{", "null", "[]", "{}", """{"status":"SENT"}""", """{"message_id":"nobody","status":"SENT"}""",
        """{"message_id":7,"status":"READ"}""",
    ];

    private readonly World _world;
    private readonly SimRandom _random;
    private readonly SimProcess _outside;
    private readonly SimLog _log;
    private readonly IdSource _ids;
    private readonly List<Conversation> _conversations = [];

    public Workload(World world)
    {
        _world = world;
        _random = world.Random.Fork();
        _outside = world.Scheduler.NewProcess("outside", TimeSpan.Zero);
        _log = world.LogOf(_outside);
        _ids = new(_outside.Time, _random.Fill);
    }

    private Plan Plan => _world.Plan;

    private IReadOnlyList<Guid> Organizations => _world.Checker.Organizations;

    public void Start()
    {
        for (var i = 0; i < Plan.Conversations; i++)
            _conversations.Add(new(_random.NextGuid(), Organizations[i > 0 && _random.Chance(0.3) ? 1 : 0], _random.NextGuid()));
        for (var i = 0; i < Plan.Clients; i++) _world.Users.Add(NewUser());
        for (var i = 0; i < Plan.Messages; i++) Sometime(0.75, PostOneAsync);
        if (Plan.Poison)
        {
            for (var i = 0; i < 3; i++) Sometime(0.9, PoisonAsync);
        }
        if (Plan.OtherOrganizations)
        {
            for (var i = 0; i < 2; i++) Sometime(0.9, IntrudeAsync);
        }
    }

    private SimulatedUser NewUser()
    {
        var wanted = _conversations.Where(_ => _random.Chance(0.7)).Select(c => c.Id).ToList();
        if (_world.AccountWorkload is { } accounts) wanted.AddRange(accounts.Conversations.Where(_ => _random.Chance(0.5)));
        if (wanted.Count == 0) wanted.Add(_random.Pick(_conversations).Id);
        var never = SimTime.Start.AddYears(1);
        var user = _random.Next(10) switch
        {
            0 => new ChatUser(_random.NextGuid(), Organizations[1], never),
            // May watch the conversation because it posted there.
            1 => new(_random.Pick(_conversations).Poster, null, never),
            _ => new(_random.NextGuid(), Organizations[0], never),
        };
        // Not drawn, so that what is drawn after it stays what it was.
        var withMessages = user.UserId.ToByteArray()[0] % 2 == 0;
        return new(_world, user, (ClientKind)_random.Next(3), withMessages, wanted);
    }

    private void Sometime(double before, Func<Task> action) =>
        _world.Scheduler.After(Plan.Faults * (before * _random.NextDouble()), _outside, () => _ = action());

    private async Task PostOneAsync()
    {
        var conversation = _random.Pick(_conversations);
        var message = Plan.EarlyStatuses && _random.Chance(0.3) ? await ProduceAsync(conversation) : await PostAsync(conversation);
        if (message is null) return;
        _world.TraceWriter.Write(_outside, $"{message.MessageId} of {message.ConversationId} is accepted");
        _world.Checker.Accepted(message);
        var count = (int)(Plan.ExtraStatuses * 2 * _random.NextDouble());
        for (var i = 0; i < count; i++) _ = ReportAsync(message, _random.Milliseconds(0, 5000));
    }

    /// <summary>Posts until the message is accepted, with the same idempotency key.</summary>
    private async Task<Message?> PostAsync(Conversation conversation)
    {
        var key = $"key-{_random.Next64():x}";
        var channel = _random.Pick(ChannelCatalog.Names);
        var posted = new PostedMessage(
            conversation.Id, conversation.Organization, conversation.Poster, channel, MessageTypes.Text, "{\"texto\":\"Olá\"}", null);
        while (true)
        {
            var apis = _world.Apis.ToList();
            if (apis.Count > 0)
            {
                try
                {
                    var api = _random.Pick(apis);
                    switch (await _world.RequestAsync(_outside, api, () => api.PostAsync(posted, key)))
                    {
                        case PostOutcome.Accepted accepted:
                            return MessageOf(conversation, accepted.MessageId, channel, accepted.CreatedAt);
                        case var other:
                            _world.Violation($"A post to {conversation.Id} by its own organization was answered with {other}");
                            return null;
                    }
                }
                catch (EngineRefusedException)
                {
                    return null;
                }
                catch (Exception exception) when (exception is IOException or TimeoutException)
                {
                    // Again, below.
                }
            }
            await Task.Delay(_random.Milliseconds(50, 1500), _outside.Time);
        }
    }

    /// <summary>A message that is written directly into the topic, after its provider reported statuses of it.</summary>
    private async Task<Message?> ProduceAsync(Conversation conversation)
    {
        var id = _ids.Next();
        var message = MessageOf(conversation, id, _random.Pick(ChannelCatalog.Names), MessageIds.CreatedAt(id)!.Value);
        var early = _random.Between(1, 5);
        for (var i = 0; i < early; i++) _ = ReportAsync(message, _random.Milliseconds(0, 3000));
        // Of a message that is not stored yet, in a conversation that may have no owner yet.
        if (Plan.OtherOrganizations && _random.Chance(0.5)) await ReportAsIntruderAsync(message.ConversationId, id);
        await Task.Delay(_random.Milliseconds(0, 6000), _outside.Time);
        var appended = new NewEvent(Topics.Messages, MessageIds.Format(conversation.Id), MessageEventJson.Write(message));
        return await AppendAsync(appended) ? message : null;
    }

    private static Message MessageOf(Conversation conversation, Guid id, string channel, DateTimeOffset createdAt) => new(
        id, conversation.Id, conversation.Organization, conversation.Poster, channel, MessageDirection.Outbound, "text",
        "{\"texto\":\"Olá\"}", null, createdAt);

    /// <summary>A status from outside, late, early, twice, under the wrong key, or without half of its members.</summary>
    private async Task ReportAsync(Message message, TimeSpan delay)
    {
        await Task.Delay(delay, _outside.Time);
        StatusKind[] kinds = Plan.LateFailures
            ? [StatusKind.Sent, StatusKind.Delivered, StatusKind.Read, StatusKind.Failed]
            : [StatusKind.Sent, StatusKind.Delivered, StatusKind.Read];
        var kind = _random.Pick(kinds);
        var now = _outside.Time.GetUtcNow();
        DateTimeOffset? at = Plan.AbsurdTimes && _random.Chance(0.4)
            ? _random.Pick<DateTimeOffset?>([null, DateTimeOffset.UnixEpoch, now.AddYears(3)])
            : now + _random.Milliseconds(-5000, 500);
        var status = new StatusEvent(
            message.MessageId,
            Plan.NoConversationIds && _random.Chance(0.4) ? null : message.ConversationId,
            _random.Chance(0.5) ? message.OrganizationId : null,
            message.Channel,
            kind,
            at,
            kind == StatusKind.Failed && _random.Next(3) is > 0 and var reason ? $"because {reason}" : null);
        var times = Plan.Duplicates && _random.Chance(0.5) ? _random.Between(2, 3) : 1;
        for (var i = 0; i < times; i++)
        {
            if (_random.Chance(0.5)) await CallBackAsync(status);
            else await AppendAsync(new(Topics.Status, KeyOf(status), StatusEventJson.Write(status)));
            if (i + 1 < times) await Task.Delay(_random.Milliseconds(0, 2000), _outside.Time);
        }
    }

    private string KeyOf(StatusEvent status) =>
        status.ConversationId is { } conversation && !(Plan.ForeignKeys && _random.Chance(0.4))
            ? MessageIds.Format(conversation)
            : MessageIds.Format(status.MessageId!.Value);

    private async Task CallBackAsync(StatusEvent status)
    {
        while (true)
        {
            var apis = _world.Apis.ToList();
            try
            {
                if (apis.Count > 0)
                {
                    var api = _random.Pick(apis);
                    await _world.RequestAsync(_outside, api, () => api.CallBackAsync([status]));
                    return;
                }
            }
            catch (Exception exception) when (exception is IOException or TimeoutException)
            {
                // The provider retries.
            }
            await Task.Delay(_random.Milliseconds(50, 1500), _outside.Time);
        }
    }

    private async Task PoisonAsync()
    {
        var conversation = MessageIds.Format(_random.Pick(_conversations).Id);
        var value = Encoding.UTF8.GetBytes(_random.Pick(PoisonStatuses));
        var topic = _random.Next(4) switch { 0 => Topics.Messages, 1 => Topics.Outbound(ChannelCatalog.WhatsApp), _ => Topics.Status };
        await AppendAsync(new(topic, conversation, value));
    }

    /// <summary>
    /// Another organization reports a status in a conversation that is not its own, and posts to it: through the API, and as a message that
    /// is written directly into the topic.
    /// </summary>
    private async Task IntrudeAsync()
    {
        var conversation = _conversations[0];
        var message = _random.Chance(0.5) || _world.Store.Messages.Count == 0
            ? _ids.Next()
            : _random.Pick([.. _world.Store.Messages.Keys.Order()]);
        await ReportAsIntruderAsync(conversation.Id, message);
        if (!_world.Store.Owners.ContainsKey(conversation.Id) || _world.Apis.ToList() is not { Count: > 0 } apis) return;
        var written = MessageOf(
            conversation with { Organization = Organizations[1] }, _ids.Next(), ChannelCatalog.WhatsApp, _outside.Time.GetUtcNow());
        await AppendAsync(new(Topics.Messages, MessageIds.Format(conversation.Id), MessageEventJson.Write(written)));
        var api = _random.Pick(apis);
        var posted = new PostedMessage(
            conversation.Id, Organizations[1], _random.NextGuid(), ChannelCatalog.WhatsApp, MessageTypes.Text, "{\"texto\":\"x\"}", null);
        try
        {
            if (await _world.RequestAsync(_outside, api, () => api.PostAsync(posted, null)) is not PostOutcome.ForeignConversation)
                _world.Violation($"Another organization's post to {conversation.Id} went through");
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or EngineRefusedException)
        {
            // Not this time.
        }
    }

    private Task<bool> ReportAsIntruderAsync(Guid conversation, Guid message) => AppendAsync(new(
        Topics.Status,
        MessageIds.Format(conversation),
        StatusEventJson.Write(new(message, conversation, Organizations[1], ChannelCatalog.WhatsApp, StatusKind.Read, null))));

    /// <returns>False where the log refuses it.</returns>
    private async Task<bool> AppendAsync(NewEvent appended)
    {
        while (true)
        {
            try
            {
                await _log.AppendAsync([appended], CancellationToken.None);
                return true;
            }
            catch (EngineRefusedException)
            {
                return false;
            }
            catch (EngineException)
            {
                await Task.Delay(_random.Milliseconds(50, 1500), _outside.Time);
            }
        }
    }

    private sealed record Conversation(Guid Id, Guid Organization, Guid Poster);
}
