using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Chat.Api.Problems;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Log;
using Chat.Core.Webhooks;

namespace Chat.Api.Webhooks;

/// <summary>Finds the app that a webhook's path is of, and keeps what was posted to it.</summary>
internal sealed class WebhookIntake(IAccounts accounts, IEventLog log)
{
    /// <summary>The app of a path, by the names in it; null where there is none.</summary>
    /// <param name="app">Null for the path without one.</param>
    public async ValueTask<WebhookApp?> FindAppAsync(string channel, string? app, CancellationToken cancellationToken) =>
        ChannelCatalog.Names.Contains(channel)
            ? await EngineCall.GuardAsync(ct => accounts.FindAppAsync(channel, app ?? Account.DefaultApp, ct), cancellationToken)
            : null;

    /// <summary>Whether a token is one that the app's subscription proves itself with. Takes as long whatever differs.</summary>
    public static bool IsVerifyToken(WebhookApp app, string? given)
    {
        var isOne = false;
        var hash = Hash(given ?? "");
        foreach (var token in app.VerifyTokens) isOne |= token.Length > 0 && CryptographicOperations.FixedTimeEquals(Hash(token), hash);
        return isOne;
    }

    /// <summary>Appends what was posted; it is durable on return.</summary>
    public async ValueTask AppendAsync(WebhookApp app, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var appended = new RawWebhook(app.Channel, app.App, app.OrganizationId, body).ToEvents(Activity.Current?.Id);
        await EngineCall.GuardAsync(ct => log.AppendAsync(appended, ct), cancellationToken);
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
