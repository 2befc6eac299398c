using Chat.Connectors;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.RouterWorker;
using Chat.StatusWorker;
using Chat.Tests.Api;

namespace Chat.Tests.Fuzz;

/// <summary>
/// The whole pipeline in one process on the embedded engines: what comes in at one end is READ at the other, or something stalls.
/// </summary>
public sealed class FuzzGraph : IAsyncLifetime
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly IdSource _ids = new(TimeProvider.System);

    internal ApiHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await ApiHost.StartAsync(
        new()
        {
            ["Messages:PostsPerSecond"] = "0",
            ["Connectors:Channels:whatsapp:DeliveredAfter"] = "00:00:00",
            ["Connectors:Channels:whatsapp:ReadAfter"] = "00:00:00",
        },
        "Development",
        configure: builder =>
        {
            builder.AddRouterWorker();
            builder.AddStatusWorker();
            builder.AddConnectors();
        },
        isDescribed: false);

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    /// <summary>A good message, as a producer of the topic writes it.</summary>
    internal (Message Message, NewEvent Event) NewMessage(Guid conversation)
    {
        var id = _ids.Next();
        var message = new Message(
            id, conversation, FuzzSamples.Organization, FuzzSamples.User, "whatsapp", "outbound", "text", """{"texto":"Olá"}""", null,
            MessageIds.CreatedAt(id)!.Value);
        return (message, new(Topics.Messages, MessageIds.Format(conversation), MessageEventJson.Write(message)));
    }

    /// <summary>That messages were stored, sent and read, whatever lay around them.</summary>
    internal async Task AssertReadAsync(IReadOnlyCollection<Message> messages)
    {
        var keys = messages.Select(m => new MessageKey(m.ConversationId, m.MessageId)).ToArray();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(LongestWait);
        while (true)
        {
            var states = await Host.Store.Messages.GetStatesAsync(keys, TestContext.Current.CancellationToken);
            var left = states.Count(s => s.Facts[StatusKind.Read] is null);
            if (left == 0) return;
            if (timeout.IsCancellationRequested)
                Assert.Fail($"{left} of {keys.Length} good messages are not READ after {LongestWait}: {Complaints()}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>That nothing was tried again for ever, and nothing thrown.</summary>
    internal void AssertNoComplaint() => Assert.Equal("", Complaints());

    private string Complaints() => string.Join(
        '\n',
        Host.Logs.Lines
            .Where(l => l.Contains("Exception", StringComparison.Ordinal) || l.Contains("Could not", StringComparison.Ordinal))
            .Take(3));
}
