using System.Text.Json;
using Chat.Core.Messages;
using Chat.Core.Providers;

namespace Chat.Connectors.Outbound;

/// <summary>Which message another replies or reacts to, by the provider's id.</summary>
public sealed class ReferredMessages(IMessageStore messages, ISendLedger ledger)
{
    /// <summary>The provider's id; null where the message refers to none, or to one that the provider never had.</summary>
    public async ValueTask<string?> FindAsync(Message message, CancellationToken cancellationToken)
    {
        var content = MessageContent.Read(message.Content);
        // By our id alone: one of the provider's, as somebody may post it, could be of another conversation's message.
        var text = Text(Member(content, "reacao"), "mensagemId") ?? Text(content, "respostaA");
        if (!Guid.TryParse(text, out var id)) return null;
        if (await messages.FindMessageKeyAsync(id, cancellationToken) is not { } key) return null;
        // Of another conversation nothing is told to the provider.
        if (key.ConversationId != message.ConversationId) return null;
        var state = (await messages.GetStatesAsync([key], cancellationToken))[0];
        if (state.Message is not { } referred || referred.AccountId != message.AccountId) return null;
        if (referred.ProviderMessageId is { } inbound) return inbound;
        var tries = await ledger.FindLatestTriesAsync([id], cancellationToken);
        // Of several, the first is the one that has what was written.
        return tries.TryGetValue(id, out var entry) ? entry.ProviderMessageId?.Split(' ')[0] : null;
    }

    private static JsonElement? Member(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } found && found.TryGetProperty(name, out var value) ? value : null;

    private static string? Text(JsonElement? parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}
