using Chat.Core.Accounts;

namespace Chat.Core.Providers;

/// <summary>One try of sending a message to a real provider, claimed before it is made.</summary>
/// <param name="Number">From 1; a message is tried again only where the provider said "later" to the try before.</param>
/// <param name="Owner">Who claimed it: made anew for each reading of the message, so that a second reader knows it is not its own.</param>
/// <param name="At">UTC, whole milliseconds.</param>
public sealed record SendTry(Guid MessageId, Guid ConversationId, AccountKey Account, int Number, Guid Owner, DateTimeOffset At);

/// <summary>What a provider answered to a try. The numbers are stored.</summary>
public enum SendOutcome
{
    /// <summary>It has the message, and gave its id.</summary>
    Accepted = 0,

    /// <summary>It refuses the message for good.</summary>
    Rejected = 1,

    /// <summary>Not now; it may be tried again, under the next number.</summary>
    Later = 2,

    /// <summary>
    /// No answer came, or none that says: it may have the message. Never tried again by itself; a webhook proves it, or time ends.
    /// </summary>
    Unknown = 3,

    /// <summary>It was unknown, and nothing proved it in time: reported as FAILED.</summary>
    GivenUp = 4,
}

/// <summary>A try and its answer.</summary>
/// <param name="Outcome">Null while there is none: the process may have died between the claim and the answer.</param>
/// <param name="ProviderMessageId">The provider's id, or ids: <see cref="ProviderIdList"/>.</param>
public sealed record SendEntry(SendTry Try, SendOutcome? Outcome, string? ProviderMessageId)
{
    /// <summary>Whether nobody knows yet what became of it.</summary>
    public bool IsOpen => Outcome is null or SendOutcome.Unknown;

    /// <summary>Each of the provider's ids; none where it gave none.</summary>
    public IReadOnlyList<string> ProviderMessageIds => ProviderIdList.Split(ProviderMessageId);
}

/// <summary>
/// What was sent to real providers, so that nothing is sent twice: a try is claimed before the request leaves, and one whose answer is
/// missing is never repeated. A try and its answer are kept for good; erasure and retention take the provider's id alone, since the log
/// may deliver the message once more. <see cref="Messages.IMessageStore"/> says what every port of the store promises.
/// </summary>
public interface ISendLedger
{
    /// <summary>
    /// Claims a try by insert-if-absent of (message, number), and returns what is stored under it: the first claim stays, and its
    /// <see cref="SendTry.Owner"/> says whose it is.
    /// </summary>
    ValueTask<SendEntry> ClaimTryAsync(SendTry claim, CancellationToken cancellationToken);

    /// <summary>The try of the highest number of each message; those never tried are missing.</summary>
    ValueTask<IReadOnlyDictionary<Guid, SendEntry>> FindLatestTriesAsync(
        IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken);

    /// <summary>
    /// Notes answers, each under its try's message and number. <see cref="SendOutcome.Unknown"/> replaces no other answer, and is replaced
    /// by every other; of two others the first stays.
    /// </summary>
    ValueTask RecordAnswersAsync(IReadOnlyList<SendEntry> answers, CancellationToken cancellationToken);

    /// <summary>
    /// The tries of a channel, claimed before a time, without an answer or with <see cref="SendOutcome.Unknown"/>; oldest first, at most so
    /// many.
    /// </summary>
    ValueTask<IReadOnlyList<SendEntry>> ListOpenTriesAsync(
        string channel, DateTimeOffset before, int limit, CancellationToken cancellationToken);
}
