using System.Text.Encodings.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Console;

namespace Chat.ServiceDefaults;

/// <summary>
/// What the console's log looks like: in a container a JSON object a line, with its scopes, for what collects them; elsewhere text, for
/// people. <c>Logging:Console:FormatterName</c> (<c>json</c>, <c>simple</c>) says otherwise.
/// </summary>
internal static class ConsoleLogs
{
    private const string InContainer = "DOTNET_RUNNING_IN_CONTAINER";
    private const string Formatter = "Logging:Console:FormatterName";

    public static void Configure(IHostApplicationBuilder builder)
    {
        builder.Services.Configure<JsonConsoleFormatterOptions>(json =>
        {
            json.IncludeScopes = true;
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            // No HTML: what people look for (`->`, accents) is there as it was written. Control characters are escaped all the same.
            json.JsonWriterOptions = json.JsonWriterOptions with { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        });
        var isContainer = builder.Configuration[InContainer] is { } value
            && (value == "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase));
        if (!isContainer || !string.IsNullOrEmpty(builder.Configuration[Formatter])) return;
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = ConsoleFormatterNames.Json);
    }
}
