namespace Chat.Client;

/// <summary>Something that the client tells its user.</summary>
public abstract record ClientEvent
{
    private protected ClientEvent()
    {
    }
}

/// <summary>The connection changed.</summary>
/// <param name="State">How it is now.</param>
/// <param name="Failures">How many attempts in a row have failed.</param>
/// <param name="Delay">Until the next attempt, where it waits for one.</param>
/// <param name="Code">
/// The close code (1000 after <see cref="ChatStatusClient.Disconnect"/>, 1006 where the connection just broke, 4000 to 4999 by
/// the server), or the HTTP status that the connection was refused with; null where there is none.
/// </param>
/// <param name="Reason">Why, for people.</param>
public sealed record ConnectionChange(
    ConnectionState State, int Failures = 0, TimeSpan? Delay = null, int? Code = null, string? Reason = null) : ClientEvent;

/// <summary>A status of a message. For one message they never go backwards: READ over DELIVERED over FAILED over SENT.</summary>
/// <param name="MessageId">The message.</param>
/// <param name="ConversationId">Its conversation.</param>
/// <param name="Status">What is to be shown now.</param>
/// <param name="Channel">The channel: <c>whatsapp</c>, <c>instagram</c>.</param>
/// <param name="Timestamp">When it happened, as the channel tells; UTC.</param>
/// <param name="Reason">Why it failed.</param>
/// <param name="Seq">The conversation's number of this change; null where it was published by hand, or comes from a page.</param>
/// <param name="TraceParent">The message's trace (W3C Trace Context), where it is sampled.</param>
/// <param name="FromPage">Not a frame: it was on a page that was loaded to close a gap.</param>
public sealed record StatusChange(
    Guid MessageId,
    Guid ConversationId,
    MessageStatus Status,
    string? Channel,
    DateTimeOffset? Timestamp,
    string? Reason = null,
    long? Seq = null,
    string? TraceParent = null,
    bool FromPage = false) : ClientEvent;

/// <summary>
/// A message was taken in, from either side: with <see cref="ClientProtocolOptions.WatchMessages"/> alone. The same one may come more than
/// once, as after a later subscription from further back: tell it by its id.
/// </summary>
/// <param name="Message">
/// The message, with the status that is shown of it. <see cref="MessageItem.Content"/> is undefined where it is too large for a frame:
/// read it over REST. Its place among the others is <see cref="MessageItem.Position"/>.
/// </param>
/// <param name="Seq">The conversation's number of the event; of a page, the page's.</param>
/// <param name="TraceParent">The message's trace, where the server keeps it.</param>
/// <param name="FromPage">Whether a page that was loaded to close a gap told it, and not a frame.</param>
public sealed record MessageCreated(MessageItem Message, long? Seq, string? TraceParent = null, bool FromPage = false) : ClientEvent;

/// <summary>The server took a subscription: whatever changes from here on comes.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="Seq">Where its numbers stand.</param>
/// <param name="Recovered">
/// Of a subscription that had been there before: whether the server still has all that was missed. Where it has not, the client
/// loads the pages by itself and tells so by <see cref="Resynchronization"/>.
/// </param>
public sealed record SubscriptionStart(Guid ConversationId, long? Seq, bool? Recovered) : ClientEvent;

/// <summary>A page that was loaded to close a gap.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="Page">The page; its statuses follow as <see cref="StatusChange"/>, as far as they are news.</param>
/// <param name="Number">1 is the newest.</param>
public sealed record LoadedPage(Guid ConversationId, ConversationPage Page, int Number) : ClientEvent;

/// <summary>A gap is closed, by way of pages over REST.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="Seq">Where it is now.</param>
/// <param name="Messages">How many messages were loaded.</param>
/// <param name="IsComplete">
/// False where the conversation has more pages than <see cref="ClientProtocolOptions.MaxPages"/>.
/// </param>
public sealed record Resynchronization(Guid ConversationId, long Seq, int Messages, bool IsComplete) : ClientEvent;

/// <summary>Something went wrong.</summary>
/// <param name="Code">
/// The server's code, or one of the client's own: <c>token</c> (none could be had), <c>too_many_connections</c> (the server has
/// no place for one more of this user), <c>resync</c> (a page could not be loaded), <c>handler</c> (an event's handler failed).
/// </param>
/// <param name="Message">For people.</param>
/// <param name="Retryable">Whether it may go well later; the client tries by itself.</param>
/// <param name="ConversationId">
/// The conversation; one that is named and not retryable has ended the subscription to it.
/// </param>
public sealed record ClientError(string Code, string Message, bool Retryable, Guid? ConversationId = null) : ClientEvent;
