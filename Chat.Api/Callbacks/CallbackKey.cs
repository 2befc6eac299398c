using System.Security.Cryptography;
using System.Text;
using Chat.Api.Auth;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Chat.Api.Callbacks;

/// <summary>The one key that connectors have.</summary>
internal sealed class CallbackKey(IOptions<CallbacksOptions> options)
{
    private readonly byte[]? _hash = options.Value.Key is { Length: > 0 } key ? Hash(key) : null;

    /// <summary>Whether the request carries it. Takes the same time however much of it is right.</summary>
    public bool IsPresentedBy(HttpRequest request) =>
        _hash is not null
        && AccessToken.Find(request.HttpContext) is { } given
        && CryptographicOperations.FixedTimeEquals(_hash, Hash(given));

    public static ProblemHttpResult Refuse(HttpContext context) =>
        Unauthorized.Create(context, UserTexts.SendCallbackKey, AccessToken.Find(context) is null ? null : "invalid_token");

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
