using System.Text.Json.Nodes;

namespace Chat.MetaSimulator.Control;

/// <summary>An app's secret, and where its webhooks go.</summary>
/// <param name="VerifyToken">Where it is given, the callback is asked for it first, as Meta does.</param>
public sealed record AppRequest(string Secret, Uri? CallbackUrl, string? VerifyToken);

/// <summary>An account; what is null stays as it is.</summary>
/// <param name="AccessToken">One more token of the account's.</param>
/// <param name="AccessTokenIssuedAt">Now where it is null.</param>
/// <param name="AccessTokenExpiresAt">Never where it is null.</param>
public sealed record AccountRequest(
    string? BusinessId,
    string? DisplayName,
    string? App,
    string? AccessToken,
    DateTimeOffset? AccessTokenIssuedAt,
    DateTimeOffset? AccessTokenExpiresAt,
    int? MessagesPerSecond,
    bool? HasPairLimit,
    bool? IsSubscribed);

/// <summary>A person; what is null stays as it is.</summary>
/// <param name="Number">As people dial it.</param>
/// <param name="WaId">As WhatsApp writes it; the number itself where it is null.</param>
public sealed record PersonRequest(
    string? Name,
    string? Number,
    string? WaId,
    string? UserId,
    string? InstagramId,
    bool? HidesNumber,
    bool? HasReadReceipts,
    bool? ReadsAtOnce);

public sealed record PowerRequest(bool IsOn);

public sealed record BlockRequest(bool IsBlocked);

/// <summary>When the person wrote last, in seconds before now; null for never.</summary>
public sealed record WroteRequest(double? SecondsAgo);

/// <summary>A file of a message.</summary>
public sealed record FileRequest(byte[] Bytes, string MimeType, string? Name);

/// <summary>What a person writes.</summary>
/// <param name="Type">Meta's word; <c>text</c> where it is null.</param>
/// <param name="Text">The text, the caption, or <c>latitude, longitude</c>.</param>
public sealed record WriteRequest(string? Type, string? Text, string? ReplyTo, FileRequest? File);

/// <param name="Emoji">Null to take it back.</param>
public sealed record ReactionRequest(string MessageId, string? Emoji);

public sealed record EditRequest(string MessageId, string Text);

public sealed record DeletionRequest(string MessageId);

public sealed record TapRequest(string MessageId, string ButtonId);

/// <summary>An error to come.</summary>
/// <param name="Recipient">A number or an Instagram id; null for all.</param>
/// <param name="Times">Null without end.</param>
/// <param name="Status">Of the HTTP answer; the documented one where it is null.</param>
public sealed record ErrorRequest(
    string Channel,
    string? AccountId,
    string? Recipient,
    int Code,
    int? Subcode,
    int? Times,
    bool ByWebhook,
    int? Status,
    int? RetryAfterSeconds,
    bool? IsTransient,
    string? Details);

public sealed record TemplateRequest(string Name, string Language);

/// <summary>An update as it is; see <see cref="Webhooks.Update"/>.</summary>
public sealed record UpdateRequest(string Channel, string AccountId, string Field, string? List, JsonObject Item, JsonObject? Contact);
