using Chat.Core.Security;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.Engines.Selection;

/// <summary>Warns at the start, outside Development, of each server that is reached without TLS or without authentication.</summary>
internal sealed partial class ServerSecurityAtStart(
    IEnumerable<ServerSecurity> servers, IHostEnvironment environment, ILogger<ServerSecurityAtStart> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (environment.IsDevelopment()) return Task.CompletedTask;
        foreach (var server in servers)
        {
            if (!server.IsEncrypted) LogNotEncrypted(server.Server, server.TlsSetting);
            if (!server.IsAuthenticated) LogNotAuthenticated(server.Server, server.AuthenticationSetting);
        }
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(
        EventId = LogEvents.NotEncrypted,
        Level = LogLevel.Warning,
        Message = "{Server} is reached without TLS: messages and phone numbers cross the network in clear text. Set {Setting}")]
    private partial void LogNotEncrypted(string server, string setting);

    [LoggerMessage(
        EventId = LogEvents.NotAuthenticated,
        Level = LogLevel.Warning,
        Message = "{Server} is reached without authentication: it may take anyone who reaches it. Set {Setting}")]
    private partial void LogNotAuthenticated(string server, string setting);
}
