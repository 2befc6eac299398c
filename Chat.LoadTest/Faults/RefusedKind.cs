using System.Text;
using Chat.Core.Channels;
using Chat.Core.Events;
using Chat.Core.Log;
using Chat.Core.Messages;

namespace Chat.LoadTest.Faults;

/// <summary>Where a run's events go: a topic's record, or a callback over HTTP where <paramref name="Topic"/> is null.</summary>
/// <param name="Mark">In the event, and in no other.</param>
internal sealed record RefusedEvent(RefusedKind Kind, string Mark, string? Topic, Guid Conversation, byte[] Value);

/// <summary>A way to be refused.</summary>
/// <param name="Topic">Where the event is put; null for a callback over HTTP.</param>
/// <param name="Refuser">Who says no.</param>
/// <param name="Make">An event with a mark, of a message that is as it should be otherwise.</param>
internal sealed record RefusedKind(string Name, string? Topic, string Refuser, Func<Message, string, string> Make)
{
    /// <summary>Of Kafka's topics by default, and of the dead letters of <c>msg.status</c> in the scenario.</summary>
    public const int DefaultMaxBytes = 1_048_588;

    /// <summary>Of <c>msg.out.instagram</c> in the scenario.</summary>
    public const int SmallMaxBytes = 64 * 1024;

    // A record's own overhead, a key and room for nothing else: as a dead letter, with its reason, it is too large.
    private const int LargestValue = DefaultMaxBytes - 150;

    public static IReadOnlyList<RefusedKind> All { get; } =
    [
        new("text that can't be decoded (half a surrogate pair)", Topics.Messages, "the reader",
            (message, mark) => Text(message with { Content = Content(mark, @"\ud800") })),
        new("an id of zeros", Topics.Messages, "the reader",
            (message, mark) => Text(message with { SenderId = Guid.Empty, Content = Content(mark) })),
        new("another organization's conversation", Topics.Messages, "the router",
            (message, mark) => Text(message with { OrganizationId = Guid.NewGuid(), Content = Content(mark) })),
        new("a channel that there isn't", Topics.Messages, "the router",
            (message, mark) => Text(message with { Channel = "telex", Content = Content(mark) })),
        new("a content of 200 KiB", Topics.Messages, "the reader", (message, mark) => Text(message with { Content = Content(mark, 200) })),
        new("a content of 160 KiB, with `max_mutation_size` 128 KiB", Topics.Messages, "Cassandra",
            (message, mark) => Text(message with { Content = Content(mark, 160) })),
        new("a message of 100 KiB, with 64 KiB for `msg.out.instagram`", Topics.Messages, "Kafka",
            (message, mark) => Text(message with { Channel = ChannelCatalog.Instagram, Content = Content(mark, 100) })),
        new("an unreadable record so large that its dead letter is refused", Topics.Status, "the reader, then Kafka",
            (_, mark) => $"{mark}{new string('x', LargestValue - mark.Length)}"),
        new("a provider's id of 70,000 characters", Topics.Status, "the reader",
            (_, mark) => $$"""{"status":"READ","channel":"whatsapp","provider_message_id":"{{mark}}{{new string('x', 70_000)}}"}"""),
        new("a callback of another channel's message", null, "the status worker",
            (message, mark) => $$"""
                {"status":"FAILED","message_id":"{{message.MessageId}}","conversation_id":"{{message.ConversationId}}","reason":"{{mark}}"}
                """),
    ];

    /// <param name="message">One that is as it should be, on WhatsApp; of a callback one that was posted.</param>
    public RefusedEvent Create(Message message, string mark) =>
        new(this, mark, Topic, message.ConversationId, Encoding.UTF8.GetBytes(Make(message, mark)));

    private static string Text(Message message) => Encoding.UTF8.GetString(MessageEventJson.Write(message));

    private static string Content(string mark, string more = "") => $$"""{"texto":"{{mark}}{{more}}"}""";

    private static string Content(string mark, int kibibytes) => Content(mark, new string('x', kibibytes * 1024));
}
