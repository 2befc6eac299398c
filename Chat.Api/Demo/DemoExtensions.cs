using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace Chat.Api.Demo;

/// <summary>The demo page, in Development only.</summary>
internal static class DemoExtensions
{
    private const string Folder = "frontend-example";
    private const string Page = "/demo.html";

    public static void UseDemo(this WebApplication app)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, Folder);
        if (!Directory.Exists(folder)) return;
        var types = new FileExtensionContentTypeProvider();
        types.Mappings[".mjs"] = "text/javascript";
        types.Mappings[".ts"] = "text/plain";
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(folder),
            ContentTypeProvider = types,
            OnPrepareResponse = static response =>
            {
                // A page of another build would speak to this API otherwise.
                response.Context.Response.Headers.CacheControl = "no-cache";
                response.Context.Response.Headers.XContentTypeOptions = "nosniff";
            },
        });
        app.MapGet("/", () => TypedResults.Redirect(Page)).AllowAnonymous().ExcludeFromDescription();
    }
}
