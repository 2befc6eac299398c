using System.Text.Json;

namespace Chat.Tests.Graph;

/// <summary>Short ways to a frame's or an answer's members.</summary>
internal static class Json
{
    public static string? Text(this JsonElement json, string member) =>
        json.TryGetProperty(member, out var value) ? value.GetString() : null;

    public static Guid Id(this JsonElement json, string member) => json.GetProperty(member).GetGuid();

    public static DateTimeOffset Time(this JsonElement json, string member) => json.GetProperty(member).GetDateTimeOffset();

    public static long Seq(this JsonElement json) => json.GetProperty("seq").GetInt64();

    public static bool Is(this JsonElement frame, string type) => frame.Text("type") == type;

    /// <summary>The members' names in the order they stand in.</summary>
    public static IEnumerable<string> Members(this JsonElement json) => json.EnumerateObject().Select(m => m.Name);

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        using var document = await JsonDocument.ParseAsync(
            await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken),
            cancellationToken: TestContext.Current.CancellationToken);
        return document.RootElement.Clone();
    }
}
