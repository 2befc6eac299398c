using System.Net;
using Chat.Engines.Embedded;
using Chat.Standalone.Phone;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Chat.Standalone;

/// <summary>What a person is told once it runs: what it is, where its data is, and the one address to open.</summary>
public static class Banner
{
    /// <summary>Prints it once the server listens.</summary>
    /// <param name="phone">The page of the customer's phone; null where there is none.</param>
    public static void PrintWhenStarted(this WebApplication app, TextWriter output, Uri? phone) =>
        app.Lifetime.ApplicationStarted.Register(() => Print(app, output, phone));

    private static void Print(WebApplication app, TextWriter output, Uri? phone)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses;
        output.WriteLine(Text(
            [.. (addresses ?? []).Select(BindingAddress.Parse)],
            app.Configuration[EmbeddedOptions.DataFolderSetting]!,
            app.Environment.IsDevelopment(),
            phone));
        output.Flush();
    }

    /// <summary>The text; no token stands in it, since the demo page fetches its own.</summary>
    public static string Text(IReadOnlyList<BindingAddress> addresses, string dataFolder, bool development, Uri? phone = null)
    {
        var version = typeof(Banner).Assembly.GetName().Version?.ToString(3);
        var connectors = phone is null ? "simulated connectors" : "connectors to a simulated Meta";
        var lines = new List<string>
        {
            $"Chat {version}: API, workers and {connectors} in one process, on the embedded engines",
            $"  data  {dataFolder}",
        };
        if (addresses.Count > 0)
        {
            var url = UrlOf(addresses[0]);
            var page = phone is null ? "/demo.html" : PhoneExtensions.Desk;
            lines.Add(development ? $"  open  {url}{page}" : $"  api   {url}");
            if (phone is not null) lines.Add($"  phone {phone}");
            if (development && !addresses.All(IsLoopback))
            {
                lines.Add("  note  anybody who reaches this address can sign in as anyone: "
                    + "ASPNETCORE_ENVIRONMENT=Production and Jwt:Key end that");
            }
        }
        lines.Add("  stop  Ctrl+C");
        return string.Join(Environment.NewLine, lines);
    }

    /// <summary>An address as a browser of this machine opens it.</summary>
    internal static string UrlOf(BindingAddress address)
    {
        // An address that stands for all of them is no address to open.
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return $"{address.Scheme}://{host}:{address.Port}{address.PathBase}";
    }

    private static bool IsLoopback(BindingAddress address) =>
        address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}
