namespace Chat.Api.Texts;

/// <summary>Which language a client wants its texts in.</summary>
public static class RequestLanguage
{
    /// <summary>Counts before <c>Accept-Language</c>, which a browser's page can't set on a WebSocket.</summary>
    public const string QueryName = "lang";

    /// <summary>The language of problem details: English unless the client asks for Portuguese.</summary>
    public static Language Language(this HttpContext context) => context.Language(Texts.Language.English);

    /// <summary>The language that the client prefers; <paramref name="otherwise"/> where it names none of those there are.</summary>
    public static Language Language(this HttpContext context, Language otherwise)
    {
        if (Parse(context.Request.Query[QueryName]) is { } asked) return asked;
        if (context.Request.Headers.AcceptLanguage.Count == 0) return otherwise;
        // Of those with one quality the first, as the sort is stable.
        return context.Request.GetTypedHeaders().AcceptLanguage
            .Where(l => l.Quality is null or > 0)
            .OrderByDescending(l => l.Quality ?? 1)
            .Select(l => Parse(l.Value.Value))
            .FirstOrDefault(l => l is not null) ?? otherwise;
    }

    /// <summary>The language's tag (BCP 47), for <c>Content-Language</c>.</summary>
    public static string Tag(this Language language) => language == Texts.Language.Portuguese ? "pt-BR" : "en";

    private static Language? Parse(string? tag) => tag?.Split('-', '_')[0].ToLowerInvariant() switch
    {
        "pt" => Texts.Language.Portuguese,
        "en" => Texts.Language.English,
        _ => null,
    };
}
