namespace Chat.Api.Auth;

internal static class HttpContextUser
{
    /// <summary>The user of the request; only behind an endpoint that requires authorization.</summary>
    public static ChatUser User(this HttpContext context) =>
        context.Features.Get<ChatUser>() ?? throw new InvalidOperationException("The endpoint does not require authorization.");
}
