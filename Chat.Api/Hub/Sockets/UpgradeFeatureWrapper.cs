using Microsoft.AspNetCore.Http.Features;

namespace Chat.Api.Hub.Sockets;

/// <summary>
/// Stands in for the server's upgrade while the framework's WebSocket middleware makes the handshake, so that it builds its
/// WebSocket on a <see cref="SingleWriterStream"/>.
/// </summary>
internal sealed class UpgradeFeatureWrapper(IHttpUpgradeFeature server) : IHttpUpgradeFeature
{
    public bool IsUpgradableRequest => server.IsUpgradableRequest;

    /// <summary>Set once upgraded.</summary>
    public SingleWriterStream? Stream { get; private set; }

    public async Task<Stream> UpgradeAsync() => Stream = new(await server.UpgradeAsync());
}
