using System.Net;
using Chat.Api.Auth;
using Chat.Api.Http;
using Chat.Api.Limits;
using Chat.Core.Limits;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Sockets;

/// <summary>What <see cref="SocketAdmission"/> says.</summary>
internal abstract record SocketVerdict
{
    /// <summary>Who may open a socket, and where it was asked for has a place among the user's sockets, to be released.</summary>
    public sealed record Admitted(ChatUser User) : SocketVerdict;

    /// <param name="Wait">How long until the address may try again.</param>
    public sealed record TooManyHandshakes(TimeSpan Wait) : SocketVerdict;

    /// <summary>A page that may not work here.</summary>
    public sealed record ForeignPage : SocketVerdict;

    /// <summary>No token, or none that is good.</summary>
    public sealed record NoToken : SocketVerdict;

    /// <summary>The user has as many sockets as allowed.</summary>
    public sealed record TooManySockets : SocketVerdict;

    /// <summary>Nobody could tell: HTTP has an answer for whatever it was.</summary>
    public sealed record Failed(Exception Exception) : SocketVerdict;
}

/// <summary>Decides who may open a socket, whichever way the handshake came; what costs least is asked first.</summary>
internal sealed class SocketAdmission(
    OriginPolicy origins, ITokenReader tokens, ConnectionRegistry connections, TimeProvider time, IOptions<HubOptions> options)
{
    private readonly TokenBuckets<IPAddress> _handshakes =
        new(options.Value.HandshakeBurst, options.Value.HandshakesPerSecond, time);

    /// <summary>Counts a handshake of the request's address; false where it is one too many.</summary>
    public bool TryTake(HttpContext context, out TimeSpan wait) => _handshakes.TryTake(ClientAddress.Of(context), cost: 1, out wait);

    /// <summary>Asks everything but <see cref="TryTake"/>, which comes first: checking a token is what costs.</summary>
    /// <param name="takesPlace">Whether to take a place among the user's sockets, or only to look whether there is one.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<SocketVerdict> AskAsync(HttpContext context, bool takesPlace, CancellationToken cancellationToken)
    {
        try
        {
            if (!origins.AllowsSocket(context.Request)) return new SocketVerdict.ForeignPage();
            if (AccessToken.Find(context) is not { } token || await tokens.ReadAsync(token, cancellationToken) is not { } user)
                return new SocketVerdict.NoToken();
            var hasRoom = takesPlace ? connections.TryTake(user.UserId) : !connections.IsFull(user.UserId);
            return hasRoom ? new SocketVerdict.Admitted(user) : new SocketVerdict.TooManySockets();
        }
#pragma warning disable CA1031 // HTTP has an answer for whatever is wrong.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return new SocketVerdict.Failed(exception);
        }
    }
}
