using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Contacts;

namespace Chat.Api.Messages;

/// <summary>Decides from which of an organization's accounts a message goes.</summary>
internal sealed class PostingAccount(IAccounts accounts, IContactStore contacts)
{
    /// <summary>
    /// The message with its account: the one that it names; else the only one; else the one that the conversation's person wrote to.
    /// Without accounts on the channel it goes to the simulated one. Null where anything is wrong, which is noted.
    /// </summary>
    public async ValueTask<PostedMessage?> ChooseAsync(PostedMessage posted, FieldErrors errors, CancellationToken cancellationToken)
    {
        var own = await EngineCall.GuardAsync(
            ct => accounts.OfOrganizationAsync(posted.OrganizationId, posted.Channel, ct), cancellationToken);
        if (posted.NamedAccount is { } named)
        {
            if (own.All(a => a.Key.AccountId != named))
            {
                errors.Add("conta", UserTexts.UnknownAccount);
                return null;
            }
            return WithAccount(posted, named, errors);
        }
        if (own.Count == 0) return posted;
        if (own is [var only]) return WithAccount(posted, only.Key.AccountId, errors);
        var known = await EngineCall.GuardAsync(
            ct => contacts.FindContactsAsync([posted.ConversationId], ct), cancellationToken);
        if (known.TryGetValue(posted.ConversationId, out var contact) && own.Any(a => a.Key == contact.Account))
            return WithAccount(posted, contact.Account.AccountId, errors);
        errors.Add("conta", UserTexts.NameAnAccount(own.Count));
        return null;
    }

    private static PostedMessage? WithAccount(PostedMessage posted, string account, FieldErrors errors)
    {
        // An address that the provider can't be given would fail only once it is sent.
        if (posted is { Channel: ChannelCatalog.WhatsApp, Recipient: { } recipient }
            && PhoneNumbers.Digits(recipient) is null
            && !BusinessScopedUserIds.IsOne(recipient))
        {
            errors.Add("destinatario", UserTexts.NotAPhoneNumber);
            return null;
        }
        return posted with { AccountId = account };
    }
}
