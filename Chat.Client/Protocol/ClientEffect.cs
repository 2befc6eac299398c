namespace Chat.Client.Protocol;

/// <summary>
/// What the protocol wants done. Each is carried out in turn; what comes of it is told by the method that is named.
/// </summary>
public abstract record ClientEffect
{
    private ClientEffect()
    {
    }

    /// <summary>Get a token: <see cref="ClientProtocol.TokenFetched"/>, <see cref="ClientProtocol.TokenFailed"/>.</summary>
    /// <param name="Attempt">To be told with what came of it.</param>
    public sealed record FetchToken(int Attempt) : ClientEffect;

    /// <summary>Open a socket: <see cref="ClientProtocol.Opened"/>, <see cref="ClientProtocol.ConnectFailed"/>.</summary>
    /// <param name="Attempt">To be told with all that comes of the socket.</param>
    /// <param name="Token">The token to open it with.</param>
    public sealed record OpenSocket(int Attempt, string Token) : ClientEffect
    {
        /// <summary>Without the token, which must never reach a log.</summary>
        public override string ToString() => $"{nameof(OpenSocket)} {Attempt}";
    }

    /// <summary>Send a text frame on the socket.</summary>
    /// <param name="Json">The frame.</param>
    public sealed record SendFrame(string Json) : ClientEffect
    {
        /// <summary>Without the frame, in which there may be a token.</summary>
        public override string ToString() => nameof(SendFrame);
    }

    /// <summary>End whatever is under way of an attempt: its socket, open or not, and the search for its token.</summary>
    /// <param name="Attempt">The attempt.</param>
    /// <param name="CloseCode">Say so to the server with this code; null: it is not there any more.</param>
    public sealed record EndAttempt(int Attempt, int? CloseCode) : ClientEffect;

    /// <summary>
    /// Load a page over REST: <see cref="ClientProtocol.PageLoaded"/>, <see cref="ClientProtocol.PageFailed"/>.
    /// </summary>
    /// <param name="Load">Which one.</param>
    public sealed record LoadPage(PageLoad Load) : ClientEffect;

    /// <summary>Tell the user.</summary>
    /// <param name="Event">What.</param>
    public sealed record Raise(ClientEvent Event) : ClientEffect;
}

/// <summary>The pages of a conversation that are loaded, one after the other, to close a gap.</summary>
public sealed class PageLoad
{
    internal PageLoad(Guid conversationId, ConversationCursor cursor) =>
        (ConversationId, Cursor, Generation) = (conversationId, cursor, cursor.Generation);

    /// <summary>The conversation.</summary>
    public Guid ConversationId { get; }

    /// <summary>The page's <c>before</c>; null for the newest.</summary>
    public string? Before { get; internal set; }

    internal ConversationCursor Cursor { get; }

    internal int Generation { get; }

    internal int Failures { get; set; }

    internal int Pages { get; set; }

    internal int Messages { get; set; }

    internal long? Seq { get; set; }

    internal void Restart() => (Before, Pages, Messages, Seq) = (null, 0, 0, null);
}
