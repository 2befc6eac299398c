using System.ComponentModel.DataAnnotations;
using Chat.ServiceDefaults;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Chat.Api.Http;

/// <summary>Configuration section <c>Proxies</c>: whose <c>X-Forwarded-For</c> is believed.</summary>
internal sealed class ProxiesOptions : IValidatableObject
{
    public const string Section = "Proxies";

    /// <summary>Addresses of the proxies in front, or networks as <c>10.0.0.0/8</c>; without any, the header is not read.</summary>
    public IList<string> Known { get; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Networks.Validate(Section, nameof(Known), Known);
}

internal static class KnownProxies
{
    public static void AddKnownProxies(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ProxiesOptions>()
            .BindConfiguration(ProxiesOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<ProxiesOptions>>((headers, proxies) =>
        {
            headers.ForwardedHeaders = ForwardedHeaders.XForwardedFor;
            // As many as there are, as long as each was written by a proxy that is known.
            headers.ForwardLimit = null;
            headers.KnownProxies.Clear();
            headers.KnownIPNetworks.Clear();
            foreach (var known in proxies.Value.Known) headers.KnownIPNetworks.Add(Networks.Parse(known)!.Value);
        });
    }

    /// <summary>The address of a connection becomes the one that the known proxies saw.</summary>
    public static void UseKnownProxies(this WebApplication app)
    {
        // Without networks, the framework would believe everybody.
        if (app.Services.GetRequiredService<IOptions<ProxiesOptions>>().Value.Known.Count == 0) return;
        var original = app.Services.GetRequiredService<IOptions<ForwardedHeadersOptions>>().Value.OriginalForHeaderName;
        // The framework writes it where it believed a proxy; a client's own would say so too.
        app.Use((context, next) =>
        {
            context.Request.Headers.Remove(original);
            return next(context);
        });
        app.UseForwardedHeaders();
        app.Use((context, next) =>
        {
            var headers = context.Request.Headers;
            if (headers.ContainsKey(original) && !headers.ContainsKey(ProxyHeaders.ForwardedFor)) ProxyHeaders.RemoveOthers(headers);
            return next(context);
        });
    }
}
