using Chat.Connectors.Providers;
using Chat.Core.Contacts;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Statuses;

namespace Chat.Connectors.Outbound;

/// <summary>
/// What follows from a provider's answer, in an order in which a crash between any two steps loses nothing. May be repeated.
/// </summary>
public sealed class SettledTries(
    IEventLog log,
    ISendLedger ledger,
    NotedProviderIds noted,
    IContactStore contacts,
    ConnectorMetrics metrics)
{
    /// <summary>
    /// The answer first, so that nobody sends the message again; then the provider's ids, and with each what came before it; then the
    /// statuses.
    /// </summary>
    public async ValueTask AcceptAsync(
        Message message,
        SendTry made,
        SendAnswer.Accepted accepted,
        string? traceParent,
        CancellationToken cancellationToken)
    {
        await RecordAsync(made, SendOutcome.Accepted, accepted.ProviderMessageIds, cancellationToken);
        await JoinAsync(message, made, accepted.ProviderMessageIds, cancellationToken);
        foreach (var status in accepted.Statuses)
            await ReportAsync(message, status, made.At + status.After, traceParent, cancellationToken);
        await NoteRecipientAsync(message, made, accepted, cancellationToken);
    }

    /// <summary>
    /// The reason first: the ledger does not keep it. Where the answer is missing then, the message has its status all the same.
    /// </summary>
    public async ValueTask RejectAsync(
        Message message,
        SendTry made,
        SendAnswer.Rejected rejected,
        DateTimeOffset at,
        string? traceParent,
        CancellationToken cancellationToken)
    {
        await FailAsync(message, rejected.Reason, at, traceParent, cancellationToken);
        await RecordAsync(made, SendOutcome.Rejected, rejected.ProviderMessageIds, cancellationToken);
        await JoinAsync(message, made, rejected.ProviderMessageIds, cancellationToken);
    }

    /// <summary>Reports that a message failed.</summary>
    public ValueTask FailAsync(
        Message message, string reason, DateTimeOffset at, string? traceParent, CancellationToken cancellationToken) =>
        ReportAsync(message, new(StatusKind.Failed, TimeSpan.Zero, reason), at, traceParent, cancellationToken);

    /// <summary>Notes an answer of which nothing else follows, and the ids of the parts that went all the same.</summary>
    public async ValueTask NoteAsync(
        Message message, SendTry made, SendOutcome outcome, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        await RecordAsync(made, outcome, ids, cancellationToken);
        await JoinAsync(message, made, ids, cancellationToken);
    }

    /// <summary>Notes an answer.</summary>
    public ValueTask RecordAsync(
        SendTry made, SendOutcome outcome, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        ledger.RecordAnswersAsync([new(made, outcome, ProviderIdList.Join(ids))], cancellationToken);

    private async ValueTask ReportAsync(
        Message message, PlannedStatus status, DateTimeOffset at, string? traceParent, CancellationToken cancellationToken)
    {
        await log.AppendAsync(StatusReport.Event(message, status, at, traceParent), cancellationToken);
        metrics.StatusAppended(message.Channel, status.Kind);
    }

    /// <summary>Notes what the provider's ids mean, one after the other, each with what came before it.</summary>
    private async ValueTask JoinAsync(Message message, SendTry made, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var key = new MessageKey(message.ConversationId, message.MessageId);
        foreach (var id in ids)
        {
            var named = new ProviderId(made.Account.Channel, id, made.Account.AccountId);
            await noted.NoteAsync([KeyValuePair.Create(named, key)], [], cancellationToken);
        }
    }

    /// <summary>The recipient answers under the address that the provider named, and the answer belongs into this conversation.</summary>
    private async ValueTask NoteRecipientAsync(
        Message message, SendTry made, SendAnswer.Accepted accepted, CancellationToken cancellationToken)
    {
        if (accepted.Addresses.Count == 0) return;
        var own = new List<ContactAddress>();
        foreach (var address in accepted.Addresses)
        {
            var conversation = await contacts.ClaimAddressAsync(made.Account, address, message.ConversationId, cancellationToken);
            if (conversation == message.ConversationId) own.Add(address);
        }
        if (own.Count == 0) return;
        await contacts.NoteContactsAsync(
            [
                new(
                    message.ConversationId,
                    message.OrganizationId,
                    made.Account,
                    own,
                    accepted.SendTo,
                    Name: null,
                    made.At,
                    IsInbound: false),
            ],
            cancellationToken);
    }
}
