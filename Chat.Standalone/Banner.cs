using System.Net;
using Chat.Engines.Embedded;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Chat.Standalone;

/// <summary>What a person is told once it runs: what it is, where its data is, and the one address to open.</summary>
public static class Banner
{
    /// <summary>Prints it once the server listens.</summary>
    public static void PrintWhenStarted(this WebApplication app, TextWriter output) => app.Lifetime.ApplicationStarted.Register(() =>
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses;
        output.WriteLine(Text(
            [.. (addresses ?? []).Select(BindingAddress.Parse)],
            app.Configuration[EmbeddedOptions.DataFolderSetting]!,
            app.Environment.IsDevelopment()));
        output.Flush();
    });

    /// <summary>The text; no token stands in it, since the demo page fetches its own.</summary>
    public static string Text(IReadOnlyList<BindingAddress> addresses, string dataFolder, bool development)
    {
        var version = typeof(Banner).Assembly.GetName().Version?.ToString(3);
        var lines = new List<string>
        {
            $"Chat {version}: API, workers and simulated connectors in one process, on the embedded engines",
            $"  data  {dataFolder}",
        };
        if (addresses.Count > 0)
        {
            var url = UrlOf(addresses[0]);
            lines.Add(development ? $"  open  {url}/demo.html" : $"  api   {url}");
            if (development && !addresses.All(IsLoopback))
            {
                lines.Add("  note  anybody who reaches this address can sign in as anyone: "
                    + "ASPNETCORE_ENVIRONMENT=Production and Jwt:Key end that");
            }
        }
        lines.Add("  stop  Ctrl+C");
        return string.Join(Environment.NewLine, lines);
    }

    private static string UrlOf(BindingAddress address)
    {
        // An address that stands for all of them is no address to open.
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return $"{address.Scheme}://{host}:{address.Port}{address.PathBase}";
    }

    private static bool IsLoopback(BindingAddress address) =>
        address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}
