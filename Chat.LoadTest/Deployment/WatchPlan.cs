namespace Chat.LoadTest.Deployment;

/// <summary>
/// Which socket watches which conversations: both go round in step, so that each conversation is watched and each socket watches, and
/// the numbers differ by one at most.
/// </summary>
internal sealed class WatchPlan
{
    private readonly List<int>[] _sockets;
    private readonly List<int>[] _conversations;

    public WatchPlan(int connections, int conversations)
    {
        _sockets = [.. Enumerable.Range(0, conversations).Select(_ => new List<int>())];
        _conversations = [.. Enumerable.Range(0, connections).Select(_ => new List<int>())];
        for (var i = 0; i < Math.Max(connections, conversations); i++)
        {
            var (socket, conversation) = (i % connections, i % conversations);
            _sockets[conversation].Add(socket);
            _conversations[socket].Add(conversation);
        }
    }

    public int Sockets => _conversations.Length;

    /// <summary>How many sockets a message reaches on average.</summary>
    public double SocketsPerConversation => _sockets.Average(s => s.Count);

    /// <summary>The sockets that watch a conversation; a socket's index here is its slot.</summary>
    public IReadOnlyList<int> SocketsOf(int conversation) => _sockets[conversation];

    public IReadOnlyList<int> ConversationsOf(int socket) => _conversations[socket];
}
