using Chat.Core.Contacts;
using Chat.Core.Statuses;

namespace Chat.Connectors.Webhooks;

/// <summary>One of the things that a webhook says, whichever provider said it.</summary>
/// <param name="Kind">For the metric: one of <see cref="UpdateKinds"/>.</param>
internal abstract record WebhookUpdate(string Kind)
{
    /// <summary>What became of a message that was sent.</summary>
    /// <param name="MessageId">Ours, where the provider gave back what we sent along.</param>
    /// <param name="At">By the provider; null where it gave no time that can be read.</param>
    public sealed record Status(
        string ProviderMessageId, StatusKind Reported, DateTimeOffset? At, string? Reason, Guid? MessageId)
        : WebhookUpdate(UpdateKinds.Status);

    /// <summary>A person wrote, or changed what they wrote.</summary>
    public sealed record Inbound(SentMessage Message, Person From) : WebhookUpdate(UpdateKinds.Message);

    /// <summary>The account wrote: by us, or by a person in the provider's own app.</summary>
    public sealed record Echo(SentMessage Message, Person To) : WebhookUpdate(UpdateKinds.Echo);

    /// <summary>A person saw a message, and with it all that we sent before.</summary>
    public sealed record ReadUpTo(string ProviderMessageId, DateTimeOffset? At) : WebhookUpdate(UpdateKinds.Read);

    /// <summary>A person has another address.</summary>
    /// <param name="Known">As they were known.</param>
    /// <param name="Now">As they are known from now on.</param>
    public sealed record Moved(Person Known, Person Now, DateTimeOffset? At) : WebhookUpdate(UpdateKinds.Contact);

    /// <summary>Trouble that is no message's: the app's or the account's.</summary>
    public sealed record Trouble(string Code, string? Title) : WebhookUpdate(UpdateKinds.Trouble);

    /// <summary>Counted, and kept in the raw topic alone.</summary>
    public sealed record Seen(string What) : WebhookUpdate(What);
}

/// <summary>An update, and the account that the provider addressed it to.</summary>
/// <param name="AccountId">Null where it names none.</param>
/// <param name="BusinessId">The business that it names beside that; null where it names none.</param>
internal sealed record AddressedUpdate(string? AccountId, string? BusinessId, WebhookUpdate Update);

/// <summary>A person, by what a webhook names of them.</summary>
/// <param name="Addresses">At least one, each once; the one that lasts longest first.</param>
/// <param name="SendTo">What the provider takes as the recipient.</param>
/// <param name="Name">As the person calls themselves.</param>
internal sealed record Person(IReadOnlyList<ContactAddress> Addresses, string? SendTo, string? Name);

/// <summary>A message as a webhook has it.</summary>
/// <param name="ProviderMessageId">
/// The provider's id; one of ours that is made from it, where the provider gives a change none of its own.
/// </param>
/// <param name="ReplyTo">The provider's id of the message that it answers.</param>
/// <param name="Target">The provider's id of the message that it is about: a reaction's, an edit's, a deletion's.</param>
internal sealed record SentMessage(
    string ProviderMessageId, DateTimeOffset? At, string Type, Content Content, string? ReplyTo = null, MessageTarget? Target = null)
{
    /// <summary>Whether others may name it by its provider's id: not where it is only about another one.</summary>
    public bool HasOwnId => Target is null;
}

/// <param name="Emoji">Of a reaction, empty where it was taken back; null of what is none.</param>
internal sealed record MessageTarget(string ProviderMessageId, string? Emoji = null);
