using System.Text;
using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Errors;
using Chat.MetaSimulator.Hosting;
using Chat.MetaSimulator.People;
using Chat.MetaSimulator.Webhooks;
using Chat.MetaSimulator.World;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace Chat.MetaSimulator.Control;

/// <summary>What a test, and what starts the simulator, set up and ask: no part of Meta's.</summary>
internal static class ControlEndpoints
{
    /// <summary>Where it is.</summary>
    public const string Root = "/simulator";

    public static void MapControl(this WebApplication app)
    {
        var control = app.MapGroup(Root);
        control.MapGet("", (Simulator simulator) => simulator.Do((world, _) => Overview.Of(world)));
        control.MapPut("/apps/{name}", SetAppAsync);
        control.MapPut("/accounts/{channel}/{id}", SetAccount);
        control.MapDelete("/accounts/{channel}/{id}/tokens", RevokeTokens);
        control.MapGet("/faults", (Simulator simulator) => simulator.Do((world, _) => world.Faults));
        control.MapPut("/faults", SetFaults);
        control.MapPut("/new-people", (NewPeople people, Simulator simulator) => simulator.Do((world, _) => { world.NewPeople = people; }));
        control.MapPost("/errors", AddError);
        control.MapDelete("/errors", (Simulator simulator) => simulator.Do((world, _) => world.PlannedErrors.Clear()));
        control.MapPost("/templates", (TemplateRequest template, Simulator simulator) =>
            simulator.Do((world, _) => world.AddTemplate(template.Name, template.Language)));
        control.MapPost("/updates", AddUpdate);
        control.MapGet("/messages", (Simulator simulator) => simulator.Do((world, _) => TakenMessage.All(world)));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> SetAppAsync(
        string name, AppRequest request, Simulator simulator, IHttpClientFactory clients, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.Secret)) return Bad("An app has a secret.");
        if (request.CallbackUrl is { } url && !(url.IsAbsoluteUri && url.Scheme is ("http" or "https")))
            return Bad("callbackUrl is an absolute address of http or https.");
        if (request is { CallbackUrl: { } callback, VerifyToken: { } token }
            && await VerifyAsync(callback, token, simulator, clients, cancellationToken) is { } wrong)
        {
            return TypedResults.Problem(wrong, statusCode: StatusCodes.Status422UnprocessableEntity);
        }
        simulator.Do((world, _) => world.SetApp(new(name, request.Secret, request.CallbackUrl)));
        return TypedResults.NoContent();
    }

    /// <summary>Asks a callback whether it knows the token; what is wrong with its answer, or null.</summary>
    private static async Task<string?> VerifyAsync(
        Uri callback, string token, Simulator simulator, IHttpClientFactory clients, CancellationToken cancellationToken)
    {
        var challenge = simulator.Do((world, _) => world.Digits(10));
        var address = QueryHelpers.AddQueryString(callback.AbsoluteUri, new Dictionary<string, string?>
        {
            ["hub.mode"] = "subscribe",
            ["hub.challenge"] = challenge,
            ["hub.verify_token"] = token,
        });
        try
        {
            using var response = await clients.CreateClient(WebhookPump.Client).GetAsync(new Uri(address), cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.IsSuccessStatusCode && Encoding.UTF8.GetString(body) == challenge
                ? null
                : $"The callback answered {(int)response.StatusCode}, and not the challenge alone.";
        }
        catch (Exception exception) when (exception is HttpRequestException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return $"The callback was not reached: {exception.Message}";
        }
    }

    private static Results<NoContent, ProblemHttpResult> SetAccount(string channel, string id, AccountRequest request, Simulator simulator)
    {
        if (!ChannelNames.IsKnown(channel)) return Bad("There is no such channel.");
        if (request.MessagesPerSecond < 1) return Bad("messagesPerSecond is above 0.");
        simulator.Do((world, now) =>
        {
            var account = world.GetOrAddAccount(channel, id);
            account.BusinessId = request.BusinessId ?? account.BusinessId;
            account.DisplayName = request.DisplayName ?? account.DisplayName;
            account.App = request.App ?? account.App;
            account.HasPairLimit = request.HasPairLimit ?? account.HasPairLimit;
            account.IsSubscribed = request.IsSubscribed ?? account.IsSubscribed;
            if (request.MessagesPerSecond is { } rate) account.LimitTo(rate);
            if (request.AccessToken is { } token)
                account.Tokens[token] = new(token, request.AccessTokenIssuedAt ?? now, request.AccessTokenExpiresAt);
        });
        return TypedResults.NoContent();
    }

    private static Results<NoContent, NotFound> RevokeTokens(string channel, string id, Simulator simulator) =>
        simulator.Do<Results<NoContent, NotFound>>((world, _) =>
        {
            if (world.FindAccount(channel, id) is not { } account) return TypedResults.NotFound();
            account.Tokens.Clear();
            return TypedResults.NoContent();
        });

    private static Results<NoContent, ProblemHttpResult> SetFaults(Faults faults, Simulator simulator)
    {
        if (faults.Wrong() is { } wrong) return Bad(wrong);
        simulator.Do((world, _) => { world.Faults = faults; });
        return TypedResults.NoContent();
    }

    private static Results<NoContent, ProblemHttpResult> AddError(ErrorRequest request, Simulator simulator)
    {
        if (!ChannelNames.IsKnown(request.Channel)) return Bad("There is no such channel.");
        var known = KnownErrors.Of(request.Code, request.Subcode, request.Details);
        var error = known with
        {
            Status = request.Status ?? known.Status,
            RetryAfterSeconds = request.RetryAfterSeconds,
            IsTransient = request.IsTransient ?? known.IsTransient,
        };
        var recipient = request.Channel == ChannelNames.WhatsApp && WaNumbers.Read(request.Recipient) is { } digits
            ? WaNumbers.Key(digits)
            : request.Recipient;
        simulator.Do((world, _) => world.PlannedErrors.Add(
            new(request.Channel, request.AccountId, recipient, error, request.ByWebhook), request.Times));
        return TypedResults.NoContent();
    }

    private static Results<NoContent, NotFound, ProblemHttpResult> AddUpdate(UpdateRequest request, Simulator simulator)
    {
        if (request is not { Channel: not null, AccountId: not null }) return Bad("An update is of an account: channel and accountId.");
        if (string.IsNullOrEmpty(request.Field) || request.Item is null) return Bad("An update has a field and an item.");
        return simulator.Do<Results<NoContent, NotFound, ProblemHttpResult>>((world, now) =>
        {
            if (world.FindAccount(request.Channel, request.AccountId) is not { } account) return TypedResults.NotFound();
            return world.AddRaw(account, request.Field, request.List, request.Item, request.Contact, now)
                ? TypedResults.NoContent()
                : Bad("A text of the update is none, or an object of it has a member twice.");
        });
    }

    private static ProblemHttpResult Bad(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest);
}
