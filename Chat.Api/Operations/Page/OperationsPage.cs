using System.Reflection;

namespace Chat.Api.Operations.Page;

/// <summary>
/// The operator's page. Everybody may have it, as it holds nothing: what it shows it asks <c>/v1/operations</c> for, with the token that
/// was pasted into it.
/// </summary>
internal static class OperationsPage
{
    private const string Path = "/operations";

    // Nothing but its own two files, so that no text which it shows by mistake as markup could run or call anywhere.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'";

    public static void MapOperationsPage(this IEndpointRouteBuilder app)
    {
        if (!OperationsExtensions.IsEnabled(app)) return;
        Map(app, Path, "operations.html", "text/html; charset=utf-8");
        Map(app, $"{Path}/operations.js", "operations.js", "text/javascript; charset=utf-8");
        Map(app, $"{Path}/operations.css", "operations.css", "text/css; charset=utf-8");
    }

    private static void Map(IEndpointRouteBuilder app, string path, string file, string type)
    {
        var bytes = Read(file);
        app.MapGet(path, (HttpContext context) =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "no-referrer";
            // A page of another version would speak to this API otherwise.
            headers.CacheControl = "no-cache";
            return TypedResults.Bytes(bytes, type);
        }).AllowAnonymous().ExcludeFromDescription();
    }

    private static byte[] Read(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"{file} is not built in.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
