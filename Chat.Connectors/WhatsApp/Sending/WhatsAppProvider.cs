using System.Text.Json;
using Chat.Connectors.Outbound;
using Chat.Connectors.Providers;
using Chat.Connectors.Providers.Meta;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Contacts;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Microsoft.Extensions.Options;

namespace Chat.Connectors.WhatsApp.Sending;

/// <summary>WhatsApp's Cloud API. A 200 means accepted: SENT, DELIVERED, READ and most failures come by webhook.</summary>
internal sealed class WhatsAppProvider(IGraphPosts graph, IOptions<ProvidersOptions> options) : IAccountProvider
{
    public string Channel => ChannelCatalog.WhatsApp;

    public IReadOnlyList<PlannedStatus> StatusesOfAccepted => [];

    public async ValueTask<SendAnswer> SendAsync(Outgoing outgoing, CancellationToken cancellationToken)
    {
        if (WhatsAppRequest.TryWrite(outgoing, out var why) is not { } body) return new SendAnswer.Rejected(why!);
        var reply = await PostAsync(outgoing.Account!, body, cancellationToken);
        return reply is GraphReply.Success success
            ? AcceptedOf(success.Body)
            : GraphAnswers.Of(reply, WhatsAppErrors.Table, outgoing);
    }

    public async ValueTask<bool> TellAsync(KnownAccount account, Message hint, string? recipient, CancellationToken cancellationToken)
    {
        if (hint.ProviderMessageId is not { } inbound) return false;
        var body = WhatsAppRequest.WriteRead(inbound, isTyping: hint.Type == MessageTypes.Typing);
        return await PostAsync(account, body, cancellationToken) is GraphReply.Success;
    }

    private Task<GraphReply> PostAsync(KnownAccount account, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        graph.PostAsync(
            options.Value.WhatsApp,
            $"{Uri.EscapeDataString(account.Key.AccountId)}/messages",
            account.Credentials.AccessToken ?? "",
            body,
            cancellationToken);

    private static SendAnswer AcceptedOf(JsonElement body)
    {
        var ids = GraphJson.ItemsOf(body, "messages").Select(m => GraphJson.TextOf(m, "id")).OfType<string>().ToList();
        if (ids.Count == 0) return new SendAnswer.Unknown("an answer without the message's id");
        var addresses = new List<ContactAddress>();
        string? sendTo = null;
        foreach (var contact in GraphJson.ItemsOf(body, "contacts"))
        {
            var (waId, userId) = (GraphJson.TextOf(contact, "wa_id"), GraphJson.TextOf(contact, "user_id"));
            if (PhoneNumbers.Canonical(waId) is { } phone) addresses.Add(new(AddressKinds.Phone, phone));
            if (userId is not null) addresses.Add(new(AddressKinds.BusinessScopedUserId, userId));
            sendTo ??= waId ?? userId;
        }
        return new SendAnswer.Accepted(ids, []) { Addresses = addresses, SendTo = sendTo };
    }
}
