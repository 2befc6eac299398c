using System.Net;
using System.Net.WebSockets;
using Chat.Client.Connections;

namespace Chat.LoadTest.Deployment;

/// <summary>Whether there is a server at all, and it takes the token: one socket, before there are many.</summary>
internal static class Preflight
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <exception cref="SetupException">There is none, or it does not; the message names the option.</exception>
    public static async Task CheckAsync(RunOptions options, Uri api, Access access, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Timeout);
        try
        {
            using var socket = new StatusSocket();
            await socket.OpenAsync(api, access.WatcherToken(0), cancellationToken: deadline.Token);
            await socket.CloseAsync((int)WebSocketCloseStatus.NormalClosure, deadline.Token);
        }
        catch (StatusSocketRefusedException refused)
        {
            throw new SetupException(Explain(options, refused.Status), refused);
        }
        catch (WebSocketException exception)
        {
            var reason = (exception.InnerException ?? exception).Message;
            throw new SetupException(
                $"--url: no socket can be opened at {options.ShownUrl}: {reason}. Does Chat.Api run there, on that port?", exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SetupException($"--url: {options.ShownUrl} gave no answer within {Timeout.TotalSeconds:F0} s.", exception);
        }
    }

    private static string Explain(RunOptions options, HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized when options.Token is not null =>
            "--token: the server refuses it (401). It has ended, was revoked, or is not of this server: get a fresh one.",
        HttpStatusCode.Unauthorized =>
            "--jwt-key: the server refuses tokens that are signed with it (401). Give the value of its setting Jwt:Key; where it has "
            + "Jwt:Issuer or Jwt:Audience, give --token instead.",
        HttpStatusCode.NotFound =>
            $"--url: {options.ShownUrl} has no /ws/status (404). Is that Chat.Api, and is no part of the path missing?",
        HttpStatusCode.TooManyRequests =>
            $"--url: {options.ShownUrl} has no place for a socket more of this user or address (429). Wait, or raise the server's limits.",
        _ => $"--url: {options.ShownUrl} answered {(int)status} where a socket was to be opened.",
    };
}
