namespace Chat.Tests.Graph;

/// <summary>
/// The running product, however it is run: the scenarios know it only by its addresses, and by what they may do to its
/// processes.
/// </summary>
public interface IChatGraph
{
    /// <summary>
    /// The API's instances, at least one: messages are posted to the first and watched on the last, so that two of them are
    /// tested against each other. Valid while it runs.
    /// </summary>
    IReadOnlyList<Uri> Apis { get; }

    /// <summary>The secret of its HS256 tokens, for tokens that it would not make itself.</summary>
    string JwtKey { get; }

    /// <summary>The bearer key of connectors.</summary>
    string CallbackKey { get; }

    /// <summary>Ends its processes without a warning, as <c>kill -9</c> does.</summary>
    Task KillAsync();

    /// <summary>Starts what was killed on the same data; answers once it is healthy.</summary>
    Task StartAsync();
}
