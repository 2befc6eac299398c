using System.Net;

namespace Chat.MetaSimulator.Hosting;

/// <summary>
/// Keeps pages of elsewhere out of a simulator on loopback: a name of theirs may lead to this machine, and then a browser lets them read
/// what it answers.
/// </summary>
internal static class LoopbackHosts
{
    private const string Localhost = "localhost";

    public static Task RefuseOthers(HttpContext context, RequestDelegate next)
    {
        var isLocal = context.Connection.LocalIpAddress is { } local && IPAddress.IsLoopback(local);
        if (!isLocal || IsLoopback(context.Request.Host.Host)) return next(context);
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsync("On loopback it is asked by a name or an address of loopback.", context.RequestAborted);
    }

    private static bool IsLoopback(string host) =>
        host.Equals(Localhost, StringComparison.OrdinalIgnoreCase)
        || host.EndsWith($".{Localhost}", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
