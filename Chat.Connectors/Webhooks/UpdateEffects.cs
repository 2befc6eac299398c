using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Statuses;

namespace Chat.Connectors.Webhooks;

/// <summary>
/// What updates lead to: messages and statuses for the log, what was learned of people, which message a provider's id means. Decides and
/// does no I/O; every effect may be repeated.
/// </summary>
/// <param name="known">Which messages the providers' ids mean that updates name; ids of messages in here are added.</param>
internal sealed class UpdateEffects(Dictionary<ProviderId, MessageKey> known)
{
    private const string SystemType = "system";

    private readonly List<NewEvent> _appends = [];
    private readonly List<ContactNote> _notes = [];
    private readonly Dictionary<ProviderId, MessageKey> _ids = [];
    private readonly Dictionary<ProviderId, MessageKey> _inboundIds = [];
    private readonly Dictionary<Guid, Proof> _proofs = [];
    private readonly Dictionary<(MessageKey? Key, ProviderId? Id), (AdmittedUpdate Update, StatusEvent Status)> _reads = [];

    public IReadOnlyList<NewEvent> Appends => [.. _appends, .. _reads.Values.Select(r => Append(r.Update, r.Status))];

    public IReadOnlyList<ContactNote> Notes => _notes;

    /// <summary>Ids of outbound messages to note; statuses may wait under them.</summary>
    public IReadOnlyCollection<KeyValuePair<ProviderId, MessageKey>> Ids => _ids;

    /// <summary>Ids of inbound messages to note, so that replies, reactions and edits find them.</summary>
    public IReadOnlyCollection<KeyValuePair<ProviderId, MessageKey>> InboundIds => _inboundIds;

    /// <summary>Which messages went for sure, by message.</summary>
    public IReadOnlyDictionary<Guid, Proof> Proofs => _proofs;

    public MessageKey? Find(AdmittedUpdate update, string providerMessageId) =>
        known.TryGetValue(IdOf(update.Account, providerMessageId), out var key) ? key : null;

    /// <summary>The providers' ids that an update names of messages, its own included.</summary>
    public static IEnumerable<ProviderId> IdsOf(AdmittedUpdate update)
    {
        return Names().OfType<string>().Where(id => id.Length <= EventLimits.MaxProviderMessageId).Select(id => IdOf(update.Account, id));

        IEnumerable<string?> Names() => update.Update switch
        {
            WebhookUpdate.Inbound { Message: var message } => NamesIn(message),
            WebhookUpdate.Echo { Message: var message } => NamesIn(message),
            WebhookUpdate.ReadUpTo read => [read.ProviderMessageId],
            _ => [],
        };

        static string?[] NamesIn(SentMessage message) => [message.ProviderMessageId, message.ReplyTo, message.Target?.ProviderMessageId];
    }

    /// <summary>A status as the provider gave it; what message it is of is looked up.</summary>
    public static StatusEvent ToStatus(AdmittedUpdate update, WebhookUpdate.Status status) => new(
        status.MessageId,
        ConversationId: null,
        update.Account.OrganizationId,
        update.Account.Key.Channel,
        status.Reported,
        status.At,
        status.Reason,
        status.ProviderMessageId,
        // Whoever signed it has the account's own secret.
        Authenticated: true,
        AccountId: update.Account.Key.AccountId);

    /// <param name="status">With its message and conversation, where they are known.</param>
    public void AddStatus(AdmittedUpdate update, StatusEvent status) => _appends.Add(Append(update, status));

    /// <summary>A fact of a message that the provider named by its own id.</summary>
    public void AddStatus(AdmittedUpdate update, StatusKind kind, DateTimeOffset? at, MessageKey? key, string? providerMessageId) =>
        AddStatus(update, ToFact(update, kind, at, key, providerMessageId));

    /// <summary>That a message was seen: once, by the earliest update that says so, as the store would keep it.</summary>
    public void AddRead(AdmittedUpdate update, DateTimeOffset? at, MessageKey? key, string? providerMessageId)
    {
        (MessageKey?, ProviderId?) subject = (key, key is null ? IdOf(update.Account, providerMessageId!) : null);
        var read = ToFact(update, StatusKind.Read, at, key, providerMessageId);
        if (!_reads.TryGetValue(subject, out var said) || FactAt(update, read) < FactAt(said.Update, said.Status))
            _reads[subject] = (update, read);

        static DateTimeOffset FactAt(AdmittedUpdate update, StatusEvent status) =>
            FactTime.Effective(status.Timestamp, update.Source.AppendedAt, status.MessageId);
    }

    public void AddInbound(AdmittedUpdate update, WebhookUpdate.Inbound inbound, Guid conversation)
    {
        Add(update, inbound.Message, conversation, MessageDirection.Inbound);
        // A change of what was written before, and what the provider says itself, open no window.
        var isWriting = inbound.Message.HasOwnId && inbound.Message.Type != SystemType;
        Note(update, conversation, inbound.From, AtOf(update, inbound.Message), isWriting);
    }

    /// <summary>A message that the account's people sent in the provider's own app: it is kept, and was sent.</summary>
    public void AddElsewhere(AdmittedUpdate update, WebhookUpdate.Echo echo, Guid conversation)
    {
        var key = Add(update, echo.Message, conversation, MessageDirection.Outbound, echo.To.SendTo);
        AddStatus(update, StatusKind.Sent, echo.Message.At, key, echo.Message.HasOwnId ? echo.Message.ProviderMessageId : null);
        Note(update, conversation, echo.To, AtOf(update, echo.Message), isWriting: false);
    }

    /// <summary>That an echo proves a message of ours to be in the thread.</summary>
    public void AddEcho(AdmittedUpdate update, WebhookUpdate.Echo echo, MessageKey key)
    {
        var id = IdOf(update.Account, echo.Message.ProviderMessageId);
        Note(id, key, _ids);
        AddProof(update, id.Id, key);
        AddStatus(update, StatusKind.Sent, echo.Message.At, key, echo.Message.ProviderMessageId);
    }

    public void AddMoved(AdmittedUpdate update, WebhookUpdate.Moved moved, Guid conversation) =>
        Note(update, conversation, moved.Now, AtOf(update, moved.At), isWriting: false);

    /// <summary>That a message of ours has an id of the provider's, and so went.</summary>
    public void AddProof(AdmittedUpdate update, string providerMessageId, MessageKey key) =>
        // The first one stays, here as in the store.
        _proofs.TryAdd(key.MessageId, new(update.Account.Key, providerMessageId, key));

    /// <summary>Whether a message is proven to have gone by what is in here.</summary>
    public bool IsProven(Guid messageId) => _proofs.ContainsKey(messageId);

    /// <summary>Whether a message is the one that an echo would be kept as, or was.</summary>
    public static bool IsElsewhere(AdmittedUpdate update, SentMessage echo, MessageKey key) =>
        DerivedIds.TimeOf(update.Account.Key, echo.ProviderMessageId, key.MessageId) is not null;

    public static ProviderId IdOf(Account account, string id) => new(account.Key.Channel, id, account.Key.AccountId);

    private MessageKey Add(
        AdmittedUpdate update, SentMessage sent, Guid conversation, string direction, string? recipient = null)
    {
        var account = update.Account;
        var at = AtOf(update, sent);
        var key = new MessageKey(conversation, DerivedIds.MessageOf(account.Key, sent.ProviderMessageId, at));
        var isInbound = direction == MessageDirection.Inbound;
        var content = Complete(update, sent);
        var message = new Message(
            key.MessageId,
            conversation,
            account.OrganizationId,
            isInbound ? DerivedIds.ContactOf(conversation) : DerivedIds.ElsewhereOf(account.Key),
            account.Key.Channel,
            direction,
            sent.Type,
            content.Write(),
            recipient,
            at,
            AccountId: account.Key.AccountId,
            ProviderMessageId: sent.ProviderMessageId);
        var value = MessageEventJson.Write(message);
        // What the provider wrote may be such as no event takes: two members of one name, nested too deep, or too long.
        if (!IsReadable(value)) value = MessageEventJson.Write(message with { Content = content.WriteWithoutRaw() });
        if (!IsReadable(value)) value = MessageEventJson.Write(message with { Content = content.WriteShort() });
        _appends.Add(new(Topics.Inbound(account.Key.Channel), MessageIds.Format(conversation), value, HeadersOf(update)));
        // What others don't name is found again by its own id, where its time is not the provider's.
        if (sent.HasOwnId || sent.At != at)
            Note(IdOf(account, sent.ProviderMessageId), key, isInbound ? _inboundIds : _ids);
        return key;
    }

    // Once more where it is noted already: who noted it may have died before the statuses that wait under it came back.
    private void Note(ProviderId id, MessageKey key, Dictionary<ProviderId, MessageKey> into)
    {
        known.TryAdd(id, key);
        if (known[id] == key) into.TryAdd(id, key);
    }

    private static bool IsReadable(byte[] message) => MessageEventJson.TryRead(message, out _) is not null;

    /// <summary>The content with the messages that it is about: ours by our id, others by the provider's.</summary>
    private Content Complete(AdmittedUpdate update, SentMessage sent)
    {
        var content = sent.Content.Copy();
        if (sent.ReplyTo is { } to)
        {
            if (Find(update, to) is { } answered) content.Add("respostaA", MessageIds.Format(answered.MessageId));
            else content.Add("respostaAIdProvedor", to);
        }
        if (sent.Target is not { } target) return content;
        var about = target.Emoji is null ? content : new();
        if (Find(update, target.ProviderMessageId) is { } meant) about.Add("mensagemId", MessageIds.Format(meant.MessageId));
        else about.Add("idProvedor", target.ProviderMessageId);
        if (target.Emoji is { } emoji) content.Add("reacao", about.Add("emoji", emoji));
        return content;
    }

    private static StatusEvent ToFact(
        AdmittedUpdate update, StatusKind kind, DateTimeOffset? at, MessageKey? key, string? providerMessageId) =>
        ToStatus(update, new(providerMessageId!, kind, at, Reason: null, key?.MessageId)) with { ConversationId = key?.ConversationId };

    private static NewEvent Append(AdmittedUpdate update, StatusEvent status) => new(
        Topics.Status,
        status.ConversationId is { } conversation ? MessageIds.Format(conversation)
            : status.MessageId is { } message ? MessageIds.Format(message)
            : status.ProviderMessageId!,
        StatusEventJson.Write(status),
        HeadersOf(update));

    private void Note(AdmittedUpdate update, Guid conversation, Person person, DateTimeOffset at, bool isWriting) => _notes.Add(new(
        conversation,
        update.Account.OrganizationId,
        update.Account.Key,
        person.Addresses,
        person.SendTo,
        person.Name,
        at,
        isWriting));

    // Of a message that came before, the time that its id has: where the provider's does not count, each delivery has another one.
    private DateTimeOffset AtOf(AdmittedUpdate update, SentMessage sent) =>
        Find(update, sent.ProviderMessageId) is { } noted
        && DerivedIds.TimeOf(update.Account.Key, sent.ProviderMessageId, noted.MessageId) is { } at
            ? at
            : AtOf(update, sent.At);

    // Where the provider gave no time, or an absurd one, when the log took it.
    private static DateTimeOffset AtOf(AdmittedUpdate update, DateTimeOffset? at) =>
        FactTime.Effective(at, update.Source.AppendedAt, messageId: null);

    private static EventHeader[]? HeadersOf(AdmittedUpdate update) =>
        update.TraceParent is { } trace ? [new(HeaderNames.TraceParent, trace)] : null;
}

/// <summary>That a message went: what the provider calls it.</summary>
internal sealed record Proof(AccountKey Account, string ProviderMessageId, MessageKey Key);
