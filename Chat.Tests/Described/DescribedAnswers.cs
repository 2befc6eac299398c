using System.Net;

namespace Chat.Tests.Described;

/// <summary>
/// Holds every answer that comes through it against the API's document: what a test sees is documented, or the test fails.
/// </summary>
internal sealed class DescribedAnswers(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>A client of the tests' own.</summary>
    public static HttpClient NewClient(Uri? api = null) =>
        // No redirects and no header but the test's: what the API itself answers is what is tested.
        new(new DescribedAnswers(new SocketsHttpHandler { AllowAutoRedirect = false, ActivityHeadersPropagator = null }))
        {
            BaseAddress = api,
        };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        var headers = response.Headers.Concat(response.Content.Headers)
            .SelectMany(h => h.Value.Select(v => (h.Key, v)))
            .ToLookup(h => h.Key, h => h.v, StringComparer.OrdinalIgnoreCase);
        // The stream of what was upgraded has no end.
        var body = response.StatusCode == HttpStatusCode.SwitchingProtocols
            ? ""
            : await response.Content.ReadAsStringAsync(cancellationToken);
        OpenApiDescription.Current.Check(
            request.Method,
            request.RequestUri!.AbsolutePath,
            response.StatusCode,
            headers,
            response.Content.Headers.ContentType?.MediaType,
            body);
        return response;
    }
}
