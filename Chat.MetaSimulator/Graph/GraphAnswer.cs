using System.Text.Json.Nodes;

namespace Chat.MetaSimulator.Graph;

/// <summary>An answer of the Graph API's.</summary>
/// <param name="RetryAfterSeconds">A header; null for none.</param>
public sealed record GraphAnswer(int Status, JsonObject Body, int? RetryAfterSeconds = null, Fate Fate = Fate.Answered)
{
    private const int Ok = 200;

    public bool IsOk => Status == Ok;

    public static GraphAnswer Of(JsonObject body) => new(Ok, body);

    /// <summary>The shortest one.</summary>
    public static GraphAnswer Success() => Of(new() { ["success"] = true });
}
