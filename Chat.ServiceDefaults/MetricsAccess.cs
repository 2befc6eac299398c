using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Chat.ServiceDefaults;

/// <summary>
/// Keeps strangers from <c>/metrics</c>, which tell what a system does and how much of it: to them there is no such address. A request that
/// a proxy passed on is a stranger's, unless the proxy is known and names one who may.
/// </summary>
internal sealed class MetricsAccess(IOptions<MetricsOptions> options, IHostEnvironment environment)
{
    private readonly IPNetwork[] _allowed = [.. options.Value.Allow.Select(text => Networks.Parse(text)!.Value)];
    private readonly bool _isOpen = environment.IsDevelopment();

    public static void AddTo(IServiceCollection services)
    {
        services.AddOptions<MetricsOptions>()
            .BindConfiguration(MetricsOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<MetricsAccess>();
    }

    /// <summary>Looks at who asks when the endpoint runs, behind everything that finds out the client's own address.</summary>
    public static void Guard(IEndpointConventionBuilder endpoint, MetricsAccess access) => endpoint.Add(builder =>
    {
        var scrape = builder.RequestDelegate!;
        builder.RequestDelegate = context =>
        {
            if (access.Allows(context)) return scrape(context);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        };
    });

    public bool Allows(HttpContext context)
    {
        if (_isOpen) return true;
        // A known proxy's headers are gone by now, and the address is the one that it names.
        if (ProxyHeaders.AreIn(context.Request.Headers)) return false;
        if (context.Connection.RemoteIpAddress is not { } address) return false;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return IPAddress.IsLoopback(address) || _allowed.Any(network => network.Contains(address));
    }
}
