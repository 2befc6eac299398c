using System.Text;
using System.Text.RegularExpressions;
using Chat.Core.Accounts;
using Chat.Core.Events;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Providers;

namespace Chat.Core.Erasure;

/// <summary>
/// What is to be erased: conversations of one organization, and whatever is found of them on the way. An event belongs to it by any of
/// these ids, whether it can be read or not.
/// </summary>
/// <param name="recipient">
/// Whose messages are meant, also those that the store does not know yet; null for conversations alone. See <see cref="RecipientName"/>.
/// </param>
/// <param name="except">Conversations whose messages are left, also those to the recipient.</param>
public sealed partial class ErasureScope(
    Guid organizationId, IEnumerable<Guid> conversations, string? recipient = null, IReadOnlyCollection<Guid>? except = null)
{
    private const int ShortestInText = 8;

    private readonly HashSet<Guid> _conversations = [.. conversations];
    private readonly HashSet<Guid> _messages = [];
    private readonly HashSet<ProviderId> _providerIds = [];
    private readonly HashSet<(AccountKey Account, string Address)> _addresses = [];
    private readonly RecipientName? _recipient = recipient is null ? null : new(recipient);

    public Guid OrganizationId => organizationId;

    public IReadOnlyCollection<Guid> Conversations => _conversations;

    /// <summary>Messages in the conversations; those that were found so far.</summary>
    public IReadOnlyCollection<Guid> Messages => _messages;

    /// <summary>The providers' ids of these messages, as far as they were found.</summary>
    public IReadOnlyCollection<ProviderId> ProviderIds => _providerIds;

    public void AddMessage(Guid messageId) => _messages.Add(messageId);

    /// <summary>Of a message that turned out to be in another conversation.</summary>
    public void RemoveMessage(Guid messageId) => _messages.Remove(messageId);

    public void AddProviderId(ProviderId id) => _providerIds.Add(id);

    /// <summary>An address of the person in one of the conversations, as the provider or we write it.</summary>
    public void AddAddress(AccountKey account, string address) => _addresses.Add((account, address));

    /// <summary>Takes note of the message that an event is about, where that is in one of the conversations.</summary>
    public void Learn(LogEvent source)
    {
        if (MessageEventJson.TryRead(source.Value.Span, out _) is { } message)
        {
            if (!IsOwn(message.ConversationId, message.OrganizationId) && !IsRecipients(message)) return;
            _messages.Add(message.MessageId);
            if (message.ProviderMessageId is { } id) _providerIds.Add(new(message.Channel, id, message.AccountId));
        }
        else if (StatusEventJson.TryRead(source.Value.Span, out _) is { ConversationId: { } conversation, MessageId: { } messageId } status
            && IsOwn(conversation, status.OrganizationId))
        {
            _messages.Add(messageId);
        }
    }

    /// <summary>Whether an event, or a dead letter of one, is about any of this.</summary>
    public bool Concerns(LogEvent source) => Concerns(source.Key, source.Value.Span);

    /// <summary>Whether a parked status is about any of this.</summary>
    public bool Concerns(ParkedStatus parked) => Concerns(parked.Subject, parked.Value.Span);

    private bool Concerns(string? key, ReadOnlySpan<byte> value)
    {
        if (MessageEventJson.TryRead(value, out _) is { } message)
        {
            return IsOwn(message.ConversationId, message.OrganizationId) || IsRecipients(message)
                || (message.OrganizationId == organizationId && _messages.Contains(message.MessageId));
        }
        if (StatusEventJson.TryRead(value, out _) is { } status)
        {
            return (status.MessageId is { } id && _messages.Contains(id) && IsOwn(status.OrganizationId))
                || (status.ConversationId is { } conversation && IsOwn(conversation, status.OrganizationId))
                || (status.ProviderMessageId is not null && _providerIds.Contains(status.ProviderId));
        }
        // What nobody can read is a dead letter, and holds its text all the same.
        var text = Encoding.UTF8.GetString(value);
        return NamesId(text) || NamesProviderId(text) || NamesAddress(text)
            || (key is not null && (NamesId(key) || NamesProviderId(key)))
            || (recipient is not null && text.Contains(recipient, StringComparison.Ordinal)
                && text.Contains($"{organizationId:D}", StringComparison.OrdinalIgnoreCase));
    }

    // Another organization's event that names the conversation is that organization's: it was refused, and is about nobody here.
    private bool IsOwn(Guid conversation, Guid? organization) =>
        _conversations.Contains(conversation) && IsOwn(organization);

    private bool IsOwn(Guid? organization) => (organization ?? organizationId) == organizationId;

    private bool IsRecipients(Message message) =>
        message.Recipient is { } address && _recipient?.Is(address) == true && message.OrganizationId == organizationId
        && except?.Contains(message.ConversationId) != true;

    private bool NamesProviderId(string text)
    {
        foreach (var (_, id, _) in _providerIds)
        {
            // Providers write JSON with a stroke escaped.
            if (Names(text, id)) return true;
            if (id.Contains('/', StringComparison.Ordinal) && Names(text, id.Replace("/", "\\/", StringComparison.Ordinal))) return true;
        }
        return false;
    }

    // A webhook names the account that it is for: the same person's at another organization's account is not meant.
    private bool NamesAddress(string text)
    {
        foreach (var (account, address) in _addresses)
        {
            if (Names(text, account.AccountId) && Names(text, address)) return true;
        }
        return false;
    }

    // By itself, and not as a part of a longer one. A short one may be any number.
    private static bool Names(string text, string id)
    {
        if (id.Length < ShortestInText) return false;
        for (var at = 0; (at = text.IndexOf(id, at, StringComparison.Ordinal)) >= 0; at++)
        {
            var end = at + id.Length;
            var isPart = (at > 0 && char.IsLetterOrDigit(text[at - 1])) || (end < text.Length && char.IsLetterOrDigit(text[end]));
            if (!isPart) return true;
        }
        return false;
    }

    private bool NamesId(string text)
    {
        foreach (var match in Ids().EnumerateMatches(text))
        {
            if (!Guid.TryParse(text.AsSpan(match.Index, match.Length), out var id)) continue;
            if (_conversations.Contains(id) || _messages.Contains(id)) return true;
        }
        return false;
    }

    [GeneratedRegex("[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}", RegexOptions.CultureInvariant)]
    private static partial Regex Ids();
}
