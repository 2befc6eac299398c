using System.Text.Json;
using Chat.Core.Messages;
using Chat.ServiceDefaults;
using Chat.Tests.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Chat.Tests.ServiceDefaults;

public sealed class ConsoleLogsTests
{
    [Theory]
    [InlineData("true", null, "json")]
    [InlineData("True", null, "json")]
    [InlineData("1", null, "json")]
    [InlineData("true", "simple", "simple")]
    [InlineData("false", null, null)]
    [InlineData(null, null, null)]
    [InlineData(null, "json", "json")]
    public void In_a_container_the_console_is_JSON_unless_somebody_says_otherwise(string? inContainer, string? formatter, string? expected)
    {
        using var host = CreateHost(inContainer, formatter);

        Assert.Equal(expected, host.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName);
    }

    [Fact]
    public void A_line_is_a_JSON_object_with_its_scopes_and_holds_what_people_look_for_as_it_was_written()
    {
        using var host = CreateHost("true", null);
        var formatter = host.Services.GetServices<ConsoleFormatter>().Single(f => f.Name == ConsoleFormatterNames.Json);
        var scopes = new LoggerExternalScopeProvider();
        var (message, conversation, organization) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        using var scope = scopes.Push(new MessageScope(message, conversation, organization));
        var evil = string.Concat(PrintableWriterTests.Obeyed.Where(char.IsControl));
        var written = new StringWriter();

        formatter.Write(
            new LogEntry<string>(LogLevel.Information, "category", new(7), $"[WHATSAPP] -> usuário {evil}", null, (s, _) => s),
            scopes,
            written);

        var line = written.ToString().TrimEnd();
        Assert.DoesNotContain('\n', line);
        Assert.DoesNotContain(line, char.IsControl);
        Assert.Contains("[WHATSAPP] -> usuário ", line, StringComparison.Ordinal);
        var json = JsonElement.Parse(line);
        Assert.Equal(("category", 7, "Information"), (
            json.GetProperty("Category").GetString(), json.GetProperty("EventId").GetInt32(), json.GetProperty("LogLevel").GetString()));
        Assert.True(json.GetProperty("Timestamp").TryGetDateTimeOffset(out var at) && at.Offset == TimeSpan.Zero);
        var told = Assert.Single(json.GetProperty("Scopes").EnumerateArray());
        Assert.Equal(
            [$"{message}", $"{conversation}", $"{organization}"],
            new[] { "MessageId", "ConversationId", "OrganizationId" }.Select(n => told.GetProperty(n).GetString()));
    }

    [Fact]
    public void A_scope_leaves_out_what_is_not_known()
    {
        var conversation = Guid.NewGuid();

        var scope = new MessageScope(null, conversation, null);

        Assert.Equal([new("ConversationId", conversation)], scope);
        Assert.Equal($"ConversationId:{conversation}", scope.ToString());
    }

    private static IHost CreateHost(string? inContainer, string? formatter)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["DOTNET_RUNNING_IN_CONTAINER"] = inContainer,
            ["Logging:Console:FormatterName"] = formatter,
        });
        builder.AddServiceDefaults();
        return builder.Build();
    }
}
