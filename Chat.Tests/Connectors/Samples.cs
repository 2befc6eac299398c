using Chat.Core.Channels;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Connectors;

internal static class Samples
{
    public static readonly DateTimeOffset Start = new(2026, 1, 15, 10, 30, 0, TimeSpan.Zero);

    private static readonly IdSource Ids = new(new FakeTimeProvider(Start));

    public static Message Message(
        string channel = ChannelCatalog.WhatsApp, string content = """{"texto":"Olá, mundo!"}""", string? recipient = null) =>
        new(Ids.Next(), Ids.Next(), Ids.Next(), Ids.Next(), channel, "outbound", "text", content, recipient, Start);
}
