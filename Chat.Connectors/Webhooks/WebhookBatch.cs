using System.Text.Json;
using Chat.Connectors.Instagram.Receiving;
using Chat.Connectors.WhatsApp.Receiving;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Json;
using Chat.Core.Log;
using Chat.Core.Webhooks;

namespace Chat.Connectors.Webhooks;

/// <summary>An update that came, as the log has it.</summary>
internal sealed record ReceivedUpdate(LogEvent Source, RawWebhook Webhook, AddressedUpdate Addressed);

/// <summary>An update of an account that we know.</summary>
internal sealed record AdmittedUpdate(LogEvent Source, string? TraceParent, Account Account, WebhookUpdate Update);

/// <summary>
/// A batch of <c>webhooks.{channel}</c>: what it says, update by update, and whom each concerns. Decides and does no I/O;
/// <see cref="WebhookProcessor"/> does.
/// </summary>
internal sealed class WebhookBatch
{
    // What a provider nests deeper is not read; what is kept of a message may be less deep than that.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 256 };

    private readonly string _channel;
    private readonly List<ReceivedUpdate> _updates = [];
    private readonly List<NewEvent> _deadLetters = [];

    private WebhookBatch(string channel) => _channel = channel;

    public IReadOnlyList<ReceivedUpdate> Updates => _updates;

    /// <summary>Of what can't be read at all.</summary>
    public IReadOnlyList<NewEvent> DeadLetters => _deadLetters;

    /// <summary>The accounts that the updates are addressed to, each once; what is longer than an account's id is none's.</summary>
    public IReadOnlyCollection<AccountKey> Accounts =>
    [
        .. _updates
            .Select(u => u.Addressed.AccountId)
            .OfType<string>()
            .Where(id => id.Length <= AccountKey.MaxId)
            .Distinct()
            .Select(id => new AccountKey(_channel, id)),
    ];

    public static WebhookBatch Read(string channel, TopicPartition partition, IReadOnlyList<LogEvent> events)
    {
        var batch = new WebhookBatch(channel);
        foreach (var source in events)
        {
            if (batch.Read(source) is { } wrong) batch._deadLetters.Add(Core.Log.DeadLetters.From(partition, source, wrong));
        }
        return batch;
    }

    /// <summary>
    /// Leaves what an account says that nobody connected, that is of another business than the account is of, or that came to another
    /// organization's app, or to a shared one where the account has its organization's own: the secret that signed it proves nothing of it.
    /// </summary>
    /// <param name="accounts">Those of <see cref="Accounts"/> that there are.</param>
    /// <param name="traceOf">The trace to go on with, of an event.</param>
    /// <param name="left">Called with each update that is left, and the kind that it is counted as.</param>
    public IReadOnlyList<AdmittedUpdate> Admit(
        IReadOnlyDictionary<AccountKey, KnownAccount> accounts, Func<LogEvent, string?> traceOf, Action<ReceivedUpdate, string> left)
    {
        var admitted = new List<AdmittedUpdate>(_updates.Count);
        foreach (var received in _updates)
        {
            var (id, business, update) = received.Addressed;
            if (update is WebhookUpdate.Seen) left(received, update.Kind);
            else if (id is null || !accounts.TryGetValue(new(_channel, id), out var known)) left(received, UpdateKinds.UnknownAccount);
            else if (IsForeign(known.Account, business, received.Webhook)) left(received, UpdateKinds.ForeignAccount);
            else admitted.Add(new(received.Source, traceOf(received.Source), known.Account, update));
        }
        return admitted;
    }

    private static bool IsForeign(Account account, string? business, RawWebhook webhook) =>
        (business is not null && account.BusinessId is { } own && own != business)
        || (webhook.OrganizationId is { } organization && organization != account.OrganizationId)
        // What comes through a shared app is whose token showed the account; that of an app of one's own showed nothing.
        || (webhook.OrganizationId is null && AccountApps.OrganizationOf(account.App) is not null);

    /// <summary>Adds what an event says; answers with why it can't be read, or null.</summary>
    private string? Read(LogEvent source)
    {
        var webhook = RawWebhook.Read(_channel, source);
        var body = webhook.Body;
        // One text that can't be decoded harms no other.
        if (SurrogateEscapes.HasHalf(body.Span)) body = SurrogateEscapes.ReplaceHalves(body.Span);
        using var document = JsonGate.Parse(body, RawWebhook.MaxBytes, Options, out var fault);
        if (document is null) return $"not a webhook: {fault!.What}";
        if (document.RootElement.ValueKind != JsonValueKind.Object) return "not a webhook: no object";
        _updates.AddRange(Read(document.RootElement).Select(addressed => new ReceivedUpdate(source, webhook, addressed)));
        return null;
    }

    private IEnumerable<AddressedUpdate> Read(JsonElement root) => _channel switch
    {
        ChannelCatalog.WhatsApp => WhatsAppWebhook.Read(root),
        ChannelCatalog.Instagram => InstagramWebhook.Read(root),
        _ => [new(null, null, new WebhookUpdate.Seen(UpdateKinds.Other))],
    };
}
