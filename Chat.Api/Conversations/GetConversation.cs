using System.ComponentModel;
using Chat.Api.Auth;
using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Contacts;
using Chat.Core.Time;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Conversations;

/// <summary>A conversation, and whom it is with.</summary>
/// <param name="Contact">Null where nothing is known of the person: nobody wrote through an account yet.</param>
internal sealed record ConversationView(Guid ConversationId, ContactView? Contact);

/// <param name="Channel">Of the account.</param>
/// <param name="AccountId">Which of the organization's accounts the person writes with.</param>
/// <param name="Name">As the person calls themselves; null where they never said.</param>
/// <param name="SendTo">What a message to them is addressed to.</param>
/// <param name="LastInboundAt">When they last wrote; null where they never did.</param>
internal sealed record ContactView(
    string Channel,
    string AccountId,
    string? Name,
    string? SendTo,
    IReadOnlyList<AddressView> Addresses,
    string? LastInboundAt,
    WindowView Window);

/// <param name="Kind">phone, bsuid, igsid or group.</param>
internal sealed record AddressView(string Kind, string Value);

/// <summary>Whether anything may be sent to the person, or only what the provider allows outside of a conversation.</summary>
/// <param name="Until">When it closes, or closed; null where it was never open.</param>
internal sealed record WindowView(
    [property: Description("24 hours from when the person last wrote. Where it is closed, WhatsApp takes templates alone.")] bool Open,
    string? Until);

/// <summary><c>GET /v1/conversations/{id}</c>.</summary>
internal static class GetConversation
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(24);

    public static async Task<Results<Ok<ConversationView>, ProblemHttpResult>> HandleAsync(
        HttpContext context, string id, ConversationAccess access, IContactStore contacts, TimeProvider time)
    {
        var errors = new FieldErrors();
        if (Parameters.Id("id", id, errors) is not { } conversation || errors.Any) return Problem.BadRequest(context, errors);
        var aborted = context.RequestAborted;
        switch (await EngineCall.GuardAsync(ct => access.CheckAsync(context.User(), conversation, ct), aborted))
        {
            case Access.Denied:
                return Problem.Forbidden(context, "id", UserTexts.HiddenConversation);
            case Access.Unowned:
                return Problem.Create(context, StatusCodes.Status404NotFound, UserTexts.NoSuchConversation);
        }
        var found = await EngineCall.GuardAsync(ct => contacts.FindContactsAsync([conversation], ct), aborted);
        return TypedResults.Ok(new ConversationView(
            conversation, found.TryGetValue(conversation, out var contact) ? View(contact, time.GetUtcNow()) : null));
    }

    private static ContactView View(Contact contact, DateTimeOffset now)
    {
        var until = contact.LastInboundAt + Window;
        return new(
            contact.Account.Channel,
            contact.Account.AccountId,
            contact.Name,
            contact.SendTo,
            [.. contact.Addresses.OrderBy(a => a.Kind).ThenBy(a => a.Value).Select(a => new AddressView(a.Kind, a.Value))],
            contact.LastInboundAt is { } at ? WireTime.Format(at) : null,
            new(until > now, until is { } end ? WireTime.Format(end) : null));
    }
}
