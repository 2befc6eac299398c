using System.Net;
using System.Text.Json;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Json;
using Chat.Core.Providers;
using Microsoft.Extensions.Options;

namespace Chat.Api.Accounts;

/// <summary>What a provider says of an account that somebody names, and of a token.</summary>
internal enum ProofAnswer
{
    /// <summary>It shows the account to the token.</summary>
    Shown,

    /// <summary>It doesn't: the token is none of this account's.</summary>
    NotShown,

    /// <summary>It did not answer, or not now.</summary>
    NotNow,
}

/// <summary>
/// Whose an account is: its provider shows it to its owner's token alone. An id is no secret, and through an app that many organizations
/// share an organization that names the id gets what people write to it.
/// </summary>
internal sealed class AccountProof(IHttpClientFactory clients, IOptions<ProvidersOptions> options, TimeProvider time)
{
    public const string ClientName = "account-proof";

    private const int MaxAnswer = 64 * 1024;

    // Somebody waits for the answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Faults of the moment and limits, which Meta answers with a status of the client's as well.
    private static readonly int[] Passing = [1, 2, 4, 17, 32, 613, 80002, 80006, 80007, 80008, 130429, 131000, 131016];

    public async Task<ProofAnswer> AskAsync(AccountKey key, string token, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Patience, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // Instagram shows an account to its own token alone, and then under both of its ids; webhooks name this one.
            return key.Channel == ChannelCatalog.Instagram
                ? await AskAsync(options.Value.Instagram.UrlOf("me?fields=user_id"), "user_id", key, token, ending.Token)
                : await AskAsync(
                    options.Value.WhatsApp.UrlOf($"{Uri.EscapeDataString(key.AccountId)}?fields=id"), "id", key, token, ending.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return ProofAnswer.NotNow;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ProofAnswer.NotNow;
        }
    }

    private async Task<ProofAnswer> AskAsync(Uri url, string field, AccountKey key, string token, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(ClientName);
        client.Timeout = Timeout.InfiniteTimeSpan;
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Authorization = new("Bearer", token);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await response.Content.LoadIntoBufferAsync(MaxAnswer, cancellationToken);
        using var answer = JsonGate.Parse(
            await response.Content.ReadAsByteArrayAsync(cancellationToken), MaxAnswer, options: default, out _);
        // What answers otherwise is not the provider: a proxy on the way, a page of maintenance.
        if (answer?.RootElement is not { ValueKind: JsonValueKind.Object } root) return ProofAnswer.NotNow;
        if (response.IsSuccessStatusCode) return IsId(root, field, key.AccountId) ? ProofAnswer.Shown : ProofAnswer.NotShown;
        return IsPassing(response.StatusCode, root) ? ProofAnswer.NotNow : ProofAnswer.NotShown;
    }

    private static bool IsId(JsonElement root, string field, string id) => root.TryGetProperty(field, out var value)
        && (value.ValueKind == JsonValueKind.String ? value.ValueEquals(id) : value.ToString() == id);

    private static bool IsPassing(HttpStatusCode status, JsonElement root) =>
        status >= HttpStatusCode.InternalServerError
        || status == HttpStatusCode.TooManyRequests
        || !root.TryGetProperty("error", out var error)
        || error.ValueKind != JsonValueKind.Object
        || (error.TryGetProperty("is_transient", out var transient) && transient.ValueKind == JsonValueKind.True)
        || !error.TryGetProperty("code", out var code)
        || code.ValueKind != JsonValueKind.Number
        || !code.TryGetInt32(out var number)
        || Passing.Contains(number);
}
