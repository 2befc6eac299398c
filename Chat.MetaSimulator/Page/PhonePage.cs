using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.MetaSimulator.Page;

/// <summary>The customer's phone as a page.</summary>
internal static class PhonePage
{
    /// <summary>Where it is; the person's id may follow.</summary>
    public const string Path = "/phone";

    public static void MapPhonePage(this WebApplication app)
    {
        app.MapGet("/", () => TypedResults.Redirect(Path));
        app.MapGet($"{Path}/{{person?}}", Get);
    }

    private static FileStreamHttpResult Get(HttpContext context)
    {
        // A page of another build would speak to this simulator otherwise.
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Stream(typeof(PhonePage).Assembly.GetManifestResourceStream("phone.html")!, "text/html; charset=utf-8");
    }
}
