using Microsoft.AspNetCore.Http.Features;

namespace Chat.Api.Auth;

/// <summary>
/// Makes the contexts of requests with each token already out of the URL and the offered subprotocols. The host logs a request's URL,
/// and gives it to its span, before the first middleware runs, so this is the one place that comes early enough.
/// </summary>
internal sealed class TokenHidingContextFactory(IServiceProvider services) : IHttpContextFactory
{
    private readonly DefaultHttpContextFactory _inner = new(services);

    public HttpContext Create(IFeatureCollection featureCollection)
    {
        AccessToken.TakeFromRequest(featureCollection);
        return _inner.Create(featureCollection);
    }

    public void Dispose(HttpContext httpContext) => _inner.Dispose(httpContext);
}
