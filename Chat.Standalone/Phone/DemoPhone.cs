using System.Net.Sockets;
using Chat.Core;
using Chat.MetaSimulator.Hosting;

namespace Chat.Standalone.Phone;

/// <summary>
/// A simulated Meta with a customer's phone, and an account of each channel that is connected to it: the desk sends and receives by the
/// same connectors that real accounts use.
/// </summary>
public sealed class DemoPhone : IAsyncDisposable
{
    private readonly LoopbackSimulator? _simulator;

    private DemoPhone(LoopbackSimulator? simulator, Uri address)
    {
        (_simulator, Address) = (simulator, address);
    }

    /// <summary>Where the simulator is.</summary>
    public Uri Address { get; }

    /// <summary>The phone's page.</summary>
    public Uri Page => new(Address, $"/phone/{DemoAccounts.Person}");

    public DemoAccounts Accounts { get; } = new();

    /// <summary>Starts it, or finds the one that runs, and points the services at it; null where nobody wants one.</summary>
    /// <exception cref="StartUpException">Accounts of one's own are configured beside it, or an address is none.</exception>
    public static async Task<DemoPhone?> StartAsync(IConfigurationManager configuration)
    {
        if (!PhoneSettings.IsWanted(configuration)) return null;
        if (configuration.GetSection("Accounts:Own").GetChildren().Any())
        {
            throw new StartUpException(
                $"{PhoneSettings.Switch} sends what every account sends to a simulated Meta: start without it, or without Accounts:Own.");
        }
        var phone = configuration[PhoneSettings.Url] is { Length: > 0 } url
            ? new DemoPhone(null, Read(url))
            : await StartOwnAsync(configuration);
        configuration.AddInMemoryCollection(phone.Accounts.SettingsFor(phone.Address));
        return phone;
    }

    public async ValueTask DisposeAsync()
    {
        if (_simulator is not null) await _simulator.DisposeAsync();
    }

    private static async Task<DemoPhone> StartOwnAsync(IConfiguration configuration)
    {
        var port = configuration.GetValue<int>(PhoneSettings.Port);
        try
        {
            var simulator = await LoopbackSimulator.StartAsync(
                port, logging: logging => logging.AddSimpleConsole(StandaloneDefaults.Write));
            return new(simulator, simulator.Address);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new StartUpException($"The phone can't listen at port {port} ({PhoneSettings.Port}): {exception.Message}");
        }
    }

    private static Uri Read(string url) => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https")
        ? address
        : throw new StartUpException($"{PhoneSettings.Url} is no address: http://localhost:5080 is one.");
}
