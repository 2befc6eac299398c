using System.Globalization;
using System.Text.Json.Nodes;

namespace Chat.MetaSimulator.Errors;

/// <summary>An error of the Graph API's, as an answer or in a webhook.</summary>
/// <param name="Status">Of the HTTP answer.</param>
/// <param name="Code">What a program decides by.</param>
/// <param name="Subcode">Which of several reasons; null where the code has none.</param>
/// <param name="Title">The words after the code.</param>
/// <param name="Details">What a person needs.</param>
/// <param name="IsTransient">Whether a second try may work.</param>
/// <param name="RetryAfterSeconds">A header of the answer; null for none.</param>
public sealed record GraphError(
    int Status,
    int Code,
    int? Subcode,
    string Title,
    string Details,
    bool IsTransient = false,
    int? RetryAfterSeconds = null)
{
    /// <summary>The body of an answer.</summary>
    /// <param name="trace">Meta's <c>fbtrace_id</c>.</param>
    /// <param name="product"><c>whatsapp</c> where the details come in <c>error_data</c>; null for Instagram.</param>
    public JsonObject ToAnswer(string trace, string? product)
    {
        var error = new JsonObject
        {
            ["message"] = $"(#{Code.ToString(CultureInfo.InvariantCulture)}) {Title}",
            ["type"] = Code is 100 && Subcode is 33 ? "GraphMethodException" : "OAuthException",
            ["code"] = Code,
        };
        if (Subcode is { } subcode) error["error_subcode"] = subcode;
        if (product is not null) error["error_data"] = new JsonObject { ["messaging_product"] = product, ["details"] = Details };
        if (IsTransient) error["is_transient"] = true;
        error["fbtrace_id"] = trace;
        return new() { ["error"] = error };
    }

    /// <summary>An element of <c>errors[]</c> in a webhook.</summary>
    public JsonObject ToUpdate() => new()
    {
        ["code"] = Code,
        ["title"] = Title,
        ["message"] = Title,
        ["error_data"] = new JsonObject { ["details"] = Details },
        ["href"] = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    };
}
