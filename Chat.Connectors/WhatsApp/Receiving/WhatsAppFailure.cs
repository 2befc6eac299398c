using System.Text.Json;
using Chat.Connectors.Webhooks;
using Chat.Core.Text;

namespace Chat.Connectors.WhatsApp.Receiving;

/// <summary>Why a message failed, as people read it, with WhatsApp's code.</summary>
internal static class WhatsAppFailure
{
    private const int Longest = 300;

    /// <param name="error">The first of a status' <c>errors</c>; anything else where there is none.</param>
    public static string ReasonOf(JsonElement error)
    {
        // The details say what is wrong with this message; titles will go away.
        var said = error.Object("error_data")?.Text("details") ?? error.Text("error_data") ?? error.Text("message") ?? error.Text("title");
        var reason = said is null ? "WhatsApp gave no reason" : Printable.Line(said, Longest).TrimEnd('.');
        return error.Text("code") is { } code ? $"{reason} (WhatsApp {Printable.Line(code)})" : reason;
    }
}
