using System.Collections.Concurrent;
using System.Collections.Frozen;
using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sessions;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Sockets;

/// <summary>The open sockets of this instance: how many a user has, and all of them when the instance stops.</summary>
public sealed class ConnectionRegistry(IOptions<HubOptions> options)
{
    private readonly ConcurrentDictionary<Guid, int> _perUser = new();
    private readonly ConcurrentDictionary<IFrameSink, HubSession?> _open = new();
    private volatile bool _stopping;

    /// <summary>Counts one more socket of a user; false where the user has as many as allowed.</summary>
    public bool TryTake(Guid userId)
    {
        if (_perUser.AddOrUpdate(userId, 1, static (_, count) => count + 1) <= options.Value.MaxConnectionsPerUser) return true;
        Release(userId);
        return false;
    }

    /// <summary>Whether the user has as many sockets as allowed.</summary>
    public bool IsFull(Guid userId) => _perUser.GetValueOrDefault(userId) >= options.Value.MaxConnectionsPerUser;

    public void Release(Guid userId)
    {
        // The entry goes with the last socket, so that the table does not grow with every user that ever connected.
        if (_perUser.AddOrUpdate(userId, 0, static (_, count) => count - 1) <= 0) _perUser.TryRemove(new(userId, 0));
    }

    /// <param name="session">What goes by a token on it; null where nothing does.</param>
    public void Add(IFrameSink connection, HubSession? session = null)
    {
        _open[connection] = session;
        // Its handshake was under way when the others were closed.
        if (_stopping) Close(connection);
        session?.CloseIfRevoked();
    }

    public void Remove(IFrameSink connection) => _open.TryRemove(connection, out _);

    /// <summary>Closes every socket with a code that says to reconnect, and those that come from now on.</summary>
    public void CloseAll()
    {
        _stopping = true;
        foreach (var connection in _open.Keys) Close(connection);
    }

    /// <summary>Closes the sockets whose token is one of these, and answers with how many.</summary>
    public int CloseRevoked(FrozenSet<string> tokenIds)
    {
        if (tokenIds.Count == 0) return 0;
        var closed = 0;
        // Not Values, which takes all locks and copies.
        foreach (var (_, session) in _open)
        {
            if (session?.CloseIfRevoked(tokenIds) == true) closed++;
        }
        return closed;
    }

    /// <summary>Closes the sockets whose token has expired, and pings those that have been silent, or cuts them off.</summary>
    public void LookAfter()
    {
        foreach (var (connection, session) in _open)
        {
            session?.CloseIfExpired();
            (connection as SocketConnection)?.PingOrCut();
        }
    }

    private static void Close(IFrameSink connection) => connection.Close(CloseCode.GoingAway, "going away");
}
