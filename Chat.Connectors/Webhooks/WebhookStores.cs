using Chat.Core.Contacts;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Providers;

namespace Chat.Connectors.Webhooks;

/// <summary>The ports of the store that webhooks need.</summary>
internal sealed record WebhookStores(
    IContactStore Contacts, IMessageStore Messages, IProviderIds ProviderIds, ISendLedger Ledger, MessageLookup Lookup);
