using System.Security.Cryptography;
using Chat.Core.Accounts;
using Chat.Core.Ids;
using Chat.Core.Log;

namespace Chat.Core.Webhooks;

/// <summary>
/// What a provider posted, as <c>webhooks.{channel}</c> keeps it: the bytes as they came, so that what was signed is what is kept. Only
/// what is larger than a log takes is cut into several events, see <see cref="WebhookCut"/>: the largest that a provider posts has 3 MB,
/// and a log's records have 1 MB.
/// </summary>
/// <param name="App">The app whose path it was posted to.</param>
/// <param name="OrganizationId">Whose own that app is; null for ours.</param>
/// <param name="Body">Not copied.</param>
public sealed record RawWebhook(string Channel, string App, Guid? OrganizationId, ReadOnlyMemory<byte> Body)
{
    /// <summary>The largest body that is taken. Meta says 3 MB at most.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>The largest body that is one event: logs take 1 MB, the headers included.</summary>
    public const int MaxEventBytes = 768 * 1024;

    /// <summary>The largest part: a log refuses more (1,048,588 bytes with its headers), and the whole body would come again.</summary>
    public const int MaxPartBytes = 1000 * 1024;

    private const int KeyBytes = 16;

    /// <summary>
    /// The events to append. One body has one key, so that copies of it, and the parts of one, are read after each other; the order of
    /// different ones means nothing, as providers keep none.
    /// </summary>
    public IReadOnlyList<NewEvent> ToEvents(string? traceParent)
    {
        List<EventHeader> headers = [new(HeaderNames.WebhookApp, App)];
        if (OrganizationId is { } organization) headers.Add(new(HeaderNames.WebhookOrganization, MessageIds.Format(organization)));
        if (traceParent is not null) headers.Add(new(HeaderNames.TraceParent, traceParent));
        var key = Convert.ToHexStringLower(SHA256.HashData(Body.Span).AsSpan(0, KeyBytes));
        return [.. WebhookCut.Cut(Body, MaxEventBytes).Select(part => new NewEvent(Topics.Webhooks(Channel), key, part, headers))];
    }

    /// <summary>What an event holds; its body may be anything.</summary>
    public static RawWebhook Read(string channel, LogEvent source) => new(
        channel,
        source.Header(HeaderNames.WebhookApp) ?? Account.DefaultApp,
        Uuid.Read(source.Header(HeaderNames.WebhookOrganization)),
        source.Value);
}
