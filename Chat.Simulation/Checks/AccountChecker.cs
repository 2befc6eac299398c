using System.Text.Json;
using Chat.Connectors.Instagram.Receiving;
using Chat.Connectors.Webhooks;
using Chat.Connectors.WhatsApp.Receiving;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Events;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.MetaSimulator.People;
using Chat.Simulation.Meta;
using Person = Chat.MetaSimulator.People.Person;

namespace Chat.Simulation.Checks;

/// <summary>What must hold of accounts' messages, by what the phones show, what people wrote, and what the store has at the end.</summary>
internal sealed class AccountChecker(World world, SimMeta meta)
{
    private static readonly TimeSpan OnItsWay = TimeSpan.FromSeconds(10);

    private readonly Dictionary<Guid, (Message Message, SimAccount Account, Person Person, string Text)> _posted = [];
    private readonly List<(SimAccount Account, Person Person, string Text)> _written = [];
    private readonly List<(SimAccount Account, Person Person, string Text)> _elsewhere = [];
    private readonly HashSet<(AccountKey Account, string ProviderMessageId)> _cameIn = [];

    /// <summary>Messages that reached a phone, of those that the desk sent.</summary>
    public int Reached => _posted.Values.Count(p => OnPhones(p.Text).Any());

    public int Written => _written.Count;

    /// <summary>Whether a message waits for its time.</summary>
    public bool IsWaiting => world.Store.Channels.Held.Count > 0;

    public void Posted(Message message, SimAccount account, Person person, string text) =>
        _posted[message.MessageId] = (message, account, person, text);

    public void Wrote(SimAccount account, Person person, string text) => _written.Add((account, person, text));

    public void WroteElsewhere(SimAccount account, Person person, string text) => _elsewhere.Add((account, person, text));

    public void CameIn(Message message)
    {
        if (message is { AccountId: { } account, ProviderMessageId: { } id }) _cameIn.Add((new(message.Channel, account), id));
    }

    /// <summary>What a committed webhook left undone; null for nothing.</summary>
    public string? MissingOfWebhook(string channel, LogEvent done)
    {
        using var document = JsonDocument.Parse(done.Value);
        var updates = channel == ChannelCatalog.WhatsApp
            ? WhatsAppWebhook.Read(document.RootElement)
            : InstagramWebhook.Read(document.RootElement);
        foreach (var (account, _, update) in updates)
        {
            if (update is WebhookUpdate.Inbound inbound && !_cameIn.Contains((new(channel, account!), inbound.Message.ProviderMessageId)))
                return $"its message {inbound.Message.ProviderMessageId} did not come in";
        }
        return null;
    }

    /// <summary>What a committed message of an account's left undone; null for nothing.</summary>
    public string? MissingOfOutbound(Message message) =>
        world.Store.Channels.LatestTry(message.MessageId)?.Outcome is not null
        || world.Store.Channels.EverHeld.ContainsKey(message.MessageId)
            ? null
            : "its message was neither tried nor held";

    public void CheckEnd()
    {
        foreach (var (message, account, person, text) in _posted.Values) CheckPosted(message, account, person, text);
        foreach (var (account, person, text) in _written) CheckStored(account, person, text, MessageDirection.Inbound);
        foreach (var (account, person, text) in _elsewhere) CheckStored(account, person, text, MessageDirection.Outbound);
        CheckLedger();
        CheckWaiting();
        var forged = world.Store.Facts.Where(f => f.Value[StatusKind.Failed]?.Reason?.Contains(AccountFaults.ForgedReason) == true);
        foreach (var (key, _) in forged) world.Violation($"{key.MessageId} has a status that came to another account");
    }

    private IEnumerable<(Person Person, ChatThread Thread, PhoneMessage Message)> OnPhones(string text) =>
        from person in meta.People
        from thread in person.Threads
        from message in thread.Messages
        where message.Content.Text == text
        select (person, thread, message);

    private void CheckPosted(Message message, SimAccount account, Person person, string text)
    {
        var found = OnPhones(text).ToList();
        if (found.Count > 1) world.Violation($"{message.MessageId} was sent {found.Count} times");
        var facts = world.Store.StateOf(new(message.ConversationId, message.MessageId)).Facts;
        if (facts.Status == MessageStatus.Failed && string.IsNullOrEmpty(facts.Reason))
            world.Violation($"{message.MessageId} failed without a reason");
        if (found.Count == 0)
        {
            if (facts.Status != MessageStatus.Failed)
                world.Violation($"{message.MessageId} never reached Meta, and is {facts.Status}, {Outcome(message)}");
            return;
        }
        var (reached, thread, phone) = found[0];
        if (reached != person || thread.Account != account.AtMeta)
            world.Violation($"{message.MessageId} for {person.Name} from {account.Key} reached {reached.Name} from {thread.Account.Id}");
        // The provider's id is the message's, and the message is in the store once.
        if (StoredWith(text) is not [_])
            world.Violation($"{message.MessageId} is in the store {StoredWith(text).Count} times");
        var wanted = WantedOf(account, phone, facts);
        if (!wanted.Contains(facts.Status))
        {
            var (shown, said) = ($"{facts.Status} ({facts.Reason}), {Outcome(message)}", string.Join(" or ", wanted));
            world.Violation($"{message.MessageId} is {shown}, and the phone says {said}");
        }
    }

    private MessageStatus[] WantedOf(SimAccount account, PhoneMessage phone, in StatusFacts facts) => account.IsInstagram
        // A mark of what was seen covers what was known to be sent; of delivery nothing is told.
        ? phone.ReadAt is not null || MayBeCovered(phone, facts) ? [MessageStatus.Sent, MessageStatus.Read] : [MessageStatus.Sent]
        : phone.Failure is not null ? [MessageStatus.Failed]
        : phone.ReadAt is not null ? [MessageStatus.Read]
        : phone.DeliveredAt is not null ? [MessageStatus.Delivered]
        : [MessageStatus.Sent];

    // A mark counts by our time of the request, which may have been under way for a while; and by clocks that are set wrong.
    private bool MayBeCovered(PhoneMessage phone, in StatusFacts facts) =>
        world.Plan.Skew > TimeSpan.Zero || world.Plan.ClockSteps > 0
        || (facts[StatusKind.Read] is { } read && read.At >= phone.At - OnItsWay);

    private string Outcome(Message message) => world.Store.Channels.LatestTry(message.MessageId) is { } entry
        ? $"try {entry.Try.Number} {entry.Outcome?.ToString() ?? "open"}"
        : "not tried";

    private List<Message> StoredWith(string text) => [.. world.Store.Messages.Values.Where(m => MessageContent.TextOf(m.Content) == text)];

    /// <summary>What was written on a phone, or in the provider's app, is one message of the person's conversation.</summary>
    private void CheckStored(SimAccount account, Person person, string text, string direction)
    {
        if (StoredWith(text) is not [var stored])
        {
            world.Violation($"'{text}' of {person.Name} and {account.Key} is in the store {StoredWith(text).Count} times");
            return;
        }
        var conversation = world.Store.Channels.FindConversation(account.Key, account.ContactOf(person));
        if (stored.ConversationId != conversation)
            world.Violation($"'{text}' of {person.Name} is in {stored.ConversationId}, and the person's conversation is {conversation}");
        if (stored.OrganizationId != account.Organization || stored.AccountId != account.Key.AccountId)
            world.Violation($"'{text}' for {account.Key} is of {stored.AccountId} and {stored.OrganizationId}");
        if (stored.Direction != direction) world.Violation($"'{text}' is {stored.Direction}");
        if (OnPhones(text).Count() != 1) world.Violation($"'{text}' is on {OnPhones(text).Count()} phones");
    }

    private void CheckLedger()
    {
        foreach (var entry in world.Store.Channels.Tries.Values)
        {
            if (entry.IsOpen)
                world.Violation($"Try {entry.Try.Number} of {entry.Try.MessageId} is open to the end");
        }
        foreach (var held in world.Store.Channels.Held.Values) world.Violation($"{held.MessageId} is held to the end");
        foreach (var made in world.Store.Channels.NotHeld)
            world.Violation($"{made.MessageId} was not held when it was noted that try {made.Number} goes again");
        foreach (var account in meta.Accounts.Where(a => world.Store.Channels.IsStopped(a.Key)))
            world.Violation($"{account.Key} is stopped to the end");
    }

    /// <summary>A status that came under a provider's id counts once it is known what that means.</summary>
    private void CheckWaiting()
    {
        foreach (var parked in world.Store.Parked.Values)
        {
            if (StatusEventJson.TryRead(parked.Value.Span, out _) is not { MessageId: null, Status: { } kind } status) continue;
            if (world.Store.FindByProviderId(status.ProviderId) is not { } key) continue;
            if (world.Store.StateOf(key).Facts[kind] is null)
                world.Violation($"{kind} of {key.MessageId} waits under {parked.Subject}, which is known");
        }
    }
}
