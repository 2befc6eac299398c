using System.Net.Sockets;

namespace Chat.AppHost.Containers.Health;

/// <summary>
/// The smallest request of a server's own protocol that shows that it serves. A connection alone says nothing: the proxy before a
/// container takes it long before the server is up.
/// </summary>
internal abstract class ServerProbe
{
    /// <summary>Asks over a fresh connection; false where the answer says that it doesn't serve yet.</summary>
    /// <exception cref="IOException">The connection ended before the answer.</exception>
    public abstract Task<bool> ServesAsync(NetworkStream connection, CancellationToken cancellationToken);
}
