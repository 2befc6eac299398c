using System.Net;
using System.Net.Sockets;
using Chat.Api;
using Chat.Engines.Selection;
using Chat.ServiceDefaults;
using Chat.StatusWorker;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Chat.LoadTest.InProcess;

/// <summary>
/// API, hub and status worker in this process on a loopback port, on the embedded engines, or on the servers whose connection strings are
/// in the environment or in the settings given.
/// </summary>
internal static class ChatHost
{
    public static (WebApplication App, Uri Address) Build(string folder, string key, params (string Name, string Value)[] settings)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = address.GetLeftPart(UriPartial.Authority),
            ["Embedded:DataFolder"] = folder,
            ["Jwt:Key"] = key,
            ["Callbacks:Keys:whatsapp"] = key,
            // One user and one address stand for all of them.
            ["Hub:MaxConnectionsPerUser"] = "5000",
            ["Hub:HandshakesPerSecond"] = "0",
            ["Hub:SubscriptionsPerSecond"] = "0",
            ["Messages:ReadsPerSecond"] = "0",
            ["Messages:OrganizationReadsPerSecond"] = "0",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value)));
        builder.Logging.ClearProviders();
        WithoutSignals.Use(builder.Services);
        builder.AddServiceDefaults();
        builder.AddChatEngines();
        builder.AddChatApi();
        builder.AddStatusWorker();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapChatApi();
        return (app, address);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
