using System.Globalization;
using System.Text.Json;
using Chat.Connectors.Instagram.Receiving;
using Chat.Connectors.Providers.Meta;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Providers;
using Microsoft.Extensions.Options;

namespace Chat.Connectors.Accounts;

/// <summary>Asks a provider how an account is, and for a new token.</summary>
internal sealed class AccountInspector(GraphClient graph, IOptions<ProvidersOptions> options, TimeProvider time)
{
    // What it is to hear of at least.
    private const string Messages = "messages";

    public Task<AccountFinding> InspectAsync(KnownAccount account, CancellationToken cancellationToken) => account.Key.Channel switch
    {
        _ when account.Credentials.AccessToken is null => Task.FromResult(AccountFinding.Nothing),
        ChannelCatalog.WhatsApp => InspectWhatsAppAsync(account, account.Credentials.AccessToken, cancellationToken),
        ChannelCatalog.Instagram => InspectInstagramAsync(account, account.Credentials.AccessToken, cancellationToken),
        _ => Task.FromResult(AccountFinding.Nothing),
    };

    /// <summary>The credentials with a token that lasts anew; or why there is none; or neither, where the provider did not tell.</summary>
    public async Task<(AccountCredentials? Refreshed, string? Fault)> RefreshAsync(
        AccountCredentials credentials, CancellationToken cancellationToken)
    {
        var token = credentials.AccessToken!;
        var instagram = options.Value.Instagram;
        // Without a version, and with the token in the query, as the provider documents it.
        var url = new Uri(
            $"{instagram.BaseUrl.AbsoluteUri.TrimEnd('/')}/refresh_access_token?grant_type=ig_refresh_token&access_token="
            + Uri.EscapeDataString(token));
        var reply = await graph.GetAsync(instagram, url, token, cancellationToken);
        if (AccountFinding.TokenFaultOf(reply) is { } fault) return (null, fault);
        if (reply is not GraphReply.Success { Body: var body }) return default;
        if (GraphJson.TextOf(body, "access_token") is not { } fresh || !AccountCredentials.IsToken(fresh)) return default;
        var now = time.GetUtcNow();
        DateTimeOffset? expiresAt = NumberOf(body, "expires_in") is { } seconds and > 0 and < int.MaxValue ? now.AddSeconds(seconds) : null;
        return (credentials with { AccessToken = fresh, IssuedAt = now, ExpiresAt = expiresAt }, null);
    }

    private async Task<AccountFinding> InspectWhatsAppAsync(KnownAccount account, string token, CancellationToken cancellationToken)
    {
        var whatsApp = options.Value.WhatsApp;
        var reply = await graph.GetAsync(
            whatsApp, whatsApp.UrlOf($"debug_token?input_token={Uri.EscapeDataString(token)}"), token, cancellationToken);
        if (AccountFinding.TokenFaultOf(reply) is { } fault) return new(fault, null);
        string? tokenState = null;
        string? app = null;
        DateTimeOffset? expiresAt = null;
        if (reply is GraphReply.Success { Body: var body }
            && body.TryGetProperty("data", out var data)
            && data.ValueKind == JsonValueKind.Object)
        {
            if (data.TryGetProperty("is_valid", out var valid) && valid.ValueKind is JsonValueKind.True or JsonValueKind.False)
                tokenState = valid.GetBoolean() ? "" : AccountAttention.TokenRefused(MessageOf(data));
            app = GraphJson.TextOf(data, "app_id") ?? NumberOf(data, "app_id")?.ToString(CultureInfo.InvariantCulture);
            // 0: it never ends.
            if (NumberOf(data, "expires_at") is { } end and > 0 && end <= DateTimeOffset.MaxValue.ToUnixTimeSeconds())
                expiresAt = DateTimeOffset.FromUnixTimeSeconds(end);
        }
        if (tokenState is { Length: > 0 } || account.Account.BusinessId is not { } business) return new(tokenState, null, expiresAt);
        return new(tokenState, await SubscriptionAsync(whatsApp, business, app, token, cancellationToken), expiresAt);
    }

    private async Task<string?> SubscriptionAsync(
        GraphOptions whatsApp, string business, string? app, string token, CancellationToken cancellationToken)
    {
        var reply = await graph.GetAsync(whatsApp, whatsApp.UrlOf($"{business}/subscribed_apps"), token, cancellationToken);
        if (reply is not GraphReply.Success { Body: var body } || !body.TryGetProperty("data", out _)) return null;
        var apps = GraphJson.ItemsOf(body, "data")
            .Select(a => a.ValueKind == JsonValueKind.Object && a.TryGetProperty("whatsapp_business_api_data", out var d) ? d : default)
            .Select(d => GraphJson.TextOf(d, "id"))
            .ToList();
        // Another app's subscription brings us nothing.
        if (app is null ? apps.Count > 0 : apps.Contains(app)) return "";
        var ours = app is null ? "an app" : $"app {app}";
        return $"{AccountAttention.Subscription} do not come: business account {business} is not subscribed to {ours}. Subscribe it: "
            + $"POST /{business}/subscribed_apps with its token.";
    }

    private async Task<AccountFinding> InspectInstagramAsync(KnownAccount account, string token, CancellationToken cancellationToken)
    {
        var (instagram, id) = (options.Value.Instagram, account.Key.AccountId);
        var reply = await graph.GetAsync(instagram, instagram.UrlOf("me?fields=user_id,username"), token, cancellationToken);
        if (AccountFinding.TokenFaultOf(reply) is { } fault) return new(fault, null);
        if (reply is not GraphReply.Success { Body: var me }) return AccountFinding.Nothing;
        var user = GraphJson.TextOf(me, "user_id") ?? NumberOf(me, "user_id")?.ToString(CultureInfo.InvariantCulture);
        if (user is not null && user != id)
        {
            // An account has two ids, and webhooks name this one.
            return new($"{AccountAttention.Token} is of the account with the id {user}, not of {id}. Connect it under that id.", null);
        }
        var subscribed = await graph.GetAsync(instagram, instagram.UrlOf($"{id}/subscribed_apps"), token, cancellationToken);
        if (subscribed is not GraphReply.Success { Body: var body } || !body.TryGetProperty("data", out _)) return new("", null);
        var hears = GraphJson.ItemsOf(body, "data").Any(a => !HasFields(a)
            || GraphJson.ItemsOf(a, "subscribed_fields").Any(f => f.ValueKind == JsonValueKind.String && f.ValueEquals(Messages)));
        return new("", hears
            ? ""
            : $"{AccountAttention.Subscription} do not come: account {id} is not subscribed to {Messages}. Subscribe it: "
                + $"POST /{id}/subscribed_apps?subscribed_fields={string.Join(',', InstagramWebhook.Fields)} with its token.");
    }

    private static bool HasFields(JsonElement app) =>
        app.ValueKind == JsonValueKind.Object && app.TryGetProperty("subscribed_fields", out _);

    private static string MessageOf(JsonElement data) =>
        data.TryGetProperty("error", out var error) && GraphJson.TextOf(error, "message") is { } message ? message : "it is not valid";

    private static long? NumberOf(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : null;
}
