using Chat.Core.Messages;
using Chat.Core.Text;

namespace Chat.Connectors.Providers;

/// <summary>A message in a log line: one line, and not a long one.</summary>
internal static class MessageText
{
    private const int Longest = 200;

    /// <summary>The text of a text message; what kind it is of any other.</summary>
    public static string Describe(Message message) => ToSingleLine(MessageContent.TextOf(message.Content) ?? $"({message.Type})");

    public static string ToSingleLine(string text) => Printable.Line(text, Longest);
}
