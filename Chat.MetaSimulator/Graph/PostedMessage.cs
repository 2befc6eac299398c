using Chat.MetaSimulator.Media;

namespace Chat.MetaSimulator.Graph;

/// <summary>A request that was checked: its answer, or a message that is taken once the files that its links name were looked at.</summary>
/// <param name="Links">What is to be fetched first; none where the answer is there.</param>
/// <param name="Finish">The answer; told why a link is no file, null where all are or there is none.</param>
public sealed record PostedMessage(IReadOnlyList<MediaLink> Links, Func<string?, DateTimeOffset, GraphAnswer> Finish)
{
    public static PostedMessage Of(GraphAnswer answer) => new([], (_, _) => answer);
}
