using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using Scalar.AspNetCore;

namespace Chat.Api.Reference;

/// <summary>
/// The API's documents and the pages that show them. Open to all, as the OpenAPI document always was: they tell what a client must know
/// and nothing of anybody's data. Everything that a page needs comes from this API.
/// </summary>
internal static class ReferenceExtensions
{
    private const string Nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapReference(this WebApplication app)
    {
        app.MapOpenApi().AllowAnonymous();
        app.MapGet("/asyncapi/v1.yaml", static () => TypedResults.Text(AsyncApiDocument.Text, "application/yaml"))
            .AllowAnonymous()
            .ExcludeFromDescription();
        var page = new Lazy<string>(static () => AsyncApiPage.Render(AsyncApiDocument.Read()));
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(AsyncApiPage.Style)));
        app.MapGet("/asyncapi", (HttpContext context) =>
            {
                Protect(context.Response, $"{Nothing}; style-src 'sha256-{hash}'");
                return TypedResults.Text(page.Value, "text/html; charset=utf-8");
            })
            .AllowAnonymous()
            .ExcludeFromDescription();
        app.MapScalarApiReference("/reference", static (options, context) =>
            {
                options.WithTitle("Chat").DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp().HideDeveloperTools();
                var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
                options.Nonce = nonce;
                Protect(
                    context.Response,
                    $"{Nothing}; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
                    + "font-src 'self' data:; connect-src 'self'");
            })
            .AllowAnonymous();
    }

    private static void Protect(HttpResponse response, string policy)
    {
        response.Headers.ContentSecurityPolicy = policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers[HeaderNames.CacheControl] = "no-cache";
    }
}
