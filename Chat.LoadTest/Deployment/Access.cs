using Microsoft.IdentityModel.JsonWebTokens;

namespace Chat.LoadTest.Deployment;

/// <summary>Whose messages and sockets they are, and their tokens.</summary>
internal sealed class Access
{
    private readonly Func<int, string> _tokenOf;

    private Access(Guid organization, Guid user, Func<int, string> tokenOf) =>
        (Organization, User, _tokenOf) = (organization, user, tokenOf);

    public Guid Organization { get; }

    /// <summary>Who posts.</summary>
    public Guid User { get; }

    public string PosterToken => _tokenOf(0);

    /// <exception cref="SetupException">The token is none of a user and an organization.</exception>
    public static Access From(RunOptions options) => options.Token is { } token ? FromToken(token) : FromKey(options.JwtKey!);

    /// <summary>The token of a socket's user; good from now on, for an hour where it is signed here.</summary>
    public string WatcherToken(int socket) => _tokenOf(socket + 1);

    private static Access FromKey(string key)
    {
        var organization = Guid.NewGuid();
        // A user each, as in reality: the server limits the sockets of one.
        var users = new System.Collections.Concurrent.ConcurrentDictionary<int, Guid>();
        return new(organization, UserOf(0), number => Tokens.Mint(key, organization, UserOf(number)));

        Guid UserOf(int number) => users.GetOrAdd(number, static _ => Guid.NewGuid());
    }

    private static Access FromToken(string token)
    {
        JsonWebToken jwt;
        try
        {
            jwt = new JsonWebToken(token);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw new SetupException("--token: it is no JWT: three parts with dots between are expected, without the word Bearer.");
        }
        if (!Guid.TryParse(Claim("sub") ?? Claim("nameid"), out var user))
            throw new SetupException("--token: its claim sub (or nameid) is no user's id, a GUID.");
        if (!Guid.TryParse(Claim("tenant_id"), out var organization))
            throw new SetupException("--token: it has no claim tenant_id, the organization's id: such a token may watch, but not post.");
        return new(organization, user, _ => token);

        string? Claim(string name) => jwt.TryGetPayloadValue<object>(name, out var value) ? value?.ToString() : null;
    }
}

/// <summary>The run could not be carried out; the message names the option, and says what to do.</summary>
internal sealed class SetupException(string message, Exception? inner = null) : Exception(message, inner);
