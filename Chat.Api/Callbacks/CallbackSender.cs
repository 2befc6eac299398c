using System.Security.Cryptography;
using System.Text;
using Chat.Api.Auth;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Chat.Api.Callbacks;

/// <summary>Who sends a callback.</summary>
/// <param name="Channel">The one that its key is for; null for the key of all channels.</param>
internal sealed record CallbackSender(string? Channel);

/// <summary>Tells by its key who sends a callback.</summary>
internal sealed class CallbackSenders
{
    private readonly (CallbackSender Sender, byte[] Hash)[] _keys;

    public CallbackSenders(IOptions<CallbacksOptions> options)
    {
        var keys = options.Value.ChannelKeys.SelectMany(c => c.Value.Select(k => (new CallbackSender(c.Key), Hash(k))));
        if (options.Value.Key is { Length: > 0 } all) keys = keys.Append((new CallbackSender(Channel: null), Hash(all)));
        _keys = [.. keys];
    }

    /// <summary>The request's sender; null where it carries none of the keys. Takes as long whichever is right.</summary>
    public CallbackSender? Find(HttpRequest request)
    {
        if (AccessToken.Find(request.HttpContext) is not { } given) return null;
        var hash = Hash(given);
        CallbackSender? found = null;
        foreach (var (sender, known) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(known, hash)) found = sender;
        }
        return found;
    }

    public static ProblemHttpResult Refuse(HttpContext context) =>
        Unauthorized.Create(context, UserTexts.SendCallbackKey, AccessToken.Find(context) is null ? null : "invalid_token");

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
