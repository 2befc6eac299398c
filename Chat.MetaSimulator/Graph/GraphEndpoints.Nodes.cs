using System.Text.Json.Nodes;
using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Errors;
using Chat.MetaSimulator.Hosting;
using Chat.MetaSimulator.Instagram;
using Chat.MetaSimulator.World;

namespace Chat.MetaSimulator.Graph;

/// <summary>Accounts, subscriptions and tokens.</summary>
internal static partial class GraphEndpoints
{
    private const int LongLifeDays = 60;
    private const string SubscribedFields = "subscribed_fields";

    private static Task GetNode(HttpContext context, Simulator simulator, string id)
    {
        var token = TokenOf(context);
        var fields = context.Request.Query["fields"].ToString();
        var here = HostOf(context);
        return WriteAsync(context, simulator.Do((world, now) =>
        {
            if (Authorize(world, token, now) is { } refused) return refused;
            if (FindAccount(world, token!, id) is { } account) return GraphAnswer.Of(Pick(Describe(account), fields));
            var file = world.Media.Find(id, now);
            return file is not null && file.Account.Tokens.ContainsKey(token!)
                ? GraphAnswer.Of(Describe(world, file, here, now))
                : Refuse(world, KnownErrors.Of(100, 33));
        }));
    }

    private static Task GetSubscribed(HttpContext context, Simulator simulator, string id)
    {
        var token = TokenOf(context);
        return WriteAsync(context, simulator.Do((world, now) =>
        {
            if (Authorize(world, token, now) is { } refused) return refused;
            var accounts = OfNode(world, token!, id);
            if (accounts.Count == 0) return Refuse(world, KnownErrors.Of(100, 33));
            var apps = accounts.Select(world.AppOf).OfType<MetaApp>().Distinct();
            return GraphAnswer.Of(new() { ["data"] = new JsonArray([.. apps.Select(a => Describe(accounts[0], a))]) });
        }));
    }

    private static async Task SubscribeAsync(HttpContext context, Simulator simulator, string id, bool isSubscribed)
    {
        var token = TokenOf(context);
        var fields = await ReadFieldsAsync(context);
        await WriteAsync(context, simulator.Do((world, now) =>
        {
            if (Authorize(world, token, now) is { } refused) return refused;
            var accounts = OfNode(world, token!, id);
            if (accounts.Count == 0) return Refuse(world, KnownErrors.Of(100, 33));
            var profiles = isSubscribed ? accounts.FindAll(a => a.Channel == ChannelNames.Instagram) : [];
            if (profiles.Count > 0 && fields.Count == 0)
                return Refuse(world, KnownErrors.Parameter($"The parameter {SubscribedFields} is required."));
            if (profiles.Count > 0 && fields.Except(InstagramUpdates.KnownFields).FirstOrDefault() is { } unknown)
            {
                return Refuse(world, KnownErrors.Parameter(
                    $"Param {SubscribedFields} must be of {{{string.Join(", ", InstagramUpdates.KnownFields)}}} - got \"{unknown}\"."));
            }
            foreach (var profile in profiles) profile.Fields = fields;
            foreach (var account in accounts) account.IsSubscribed = isSubscribed;
            return GraphAnswer.Success();
        }));
    }

    /// <summary>The fields that are asked for: in the address, a form or an object.</summary>
    private static async Task<IReadOnlyList<string>> ReadFieldsAsync(HttpContext context)
    {
        IEnumerable<string?> given = context.Request.Query[SubscribedFields];
        if (!context.Request.Query.ContainsKey(SubscribedFields))
        {
            if (context.Request.HasFormContentType)
            {
                given = (await context.Request.ReadFormAsync(context.RequestAborted))[SubscribedFields];
            }
            else if (await ReadAsync(context) is { } body)
            {
                given = body.Array(SubscribedFields)?.Select(f => f?.ToString()) ?? [body.Text(SubscribedFields)];
            }
        }
        const StringSplitOptions Options = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        return [.. given.OfType<string>().SelectMany(f => f.Split(',', Options)).Distinct()];
    }

    private static Task DebugToken(HttpContext context, Simulator simulator)
    {
        var (token, asked) = (TokenOf(context), context.Request.Query["input_token"].ToString());
        return WriteAsync(context, simulator.Do((world, now) =>
        {
            if (Authorize(world, token, now) is { } refused) return refused;
            var owner = world.FindByToken(asked);
            var known = owner?.Tokens[asked];
            var data = new JsonObject
            {
                ["app_id"] = owner is not null && world.AppOf(owner) is { } app ? app.Id : "0",
                ["type"] = "SYSTEM_USER",
                ["is_valid"] = known?.IsValid(now) == true,
                ["expires_at"] = known?.ExpiresAt?.ToUnixTimeSeconds() ?? 0,
            };
            return GraphAnswer.Of(new() { ["data"] = data });
        }));
    }

    private static Task RefreshToken(HttpContext context, Simulator simulator) =>
        WriteAsync(context, simulator.Do((world, now) => Exchange(context, world, "ig_refresh_token", now)));

    private static Task ExchangeToken(HttpContext context, Simulator simulator) =>
        WriteAsync(context, simulator.Do((world, now) => Exchange(context, world, "ig_exchange_token", now)));

    private static GraphAnswer Exchange(HttpContext context, MetaWorld world, string grant, DateTimeOffset now)
    {
        var token = TokenOf(context);
        if (Authorize(world, token, now) is { } refused) return refused;
        if (context.Request.Query["grant_type"] != grant) return Refuse(world, KnownErrors.Parameter($"Param grant_type must be {grant}"));
        var account = world.FindByToken(token!)!;
        var old = account.Tokens[token!];
        if (grant == "ig_refresh_token" && now - old.IssuedAt < TimeSpan.FromHours(24))
            return Refuse(world, KnownErrors.Parameter("The access token is not 24 hours old yet"));
        var life = TimeSpan.FromDays(LongLifeDays);
        var fresh = new AccessToken($"IGAA{world.Digits(40)}", now, now + life);
        // The old one goes on until its own end.
        account.Tokens[fresh.Value] = fresh;
        return GraphAnswer.Of(new()
        {
            ["access_token"] = fresh.Value,
            ["token_type"] = "bearer",
            ["expires_in"] = (long)life.TotalSeconds,
        });
    }

    /// <summary>The accounts that a subscription is about: an Instagram account, or all numbers of a WhatsApp Business Account.</summary>
    private static List<MetaAccount> OfNode(MetaWorld world, string token, string id) =>
    [
        .. world.Accounts.Where(a => a.Tokens.ContainsKey(token) && (a.BusinessId == id || a.Id == id || a.AppScopedId == id
            || (id == Me && a.Channel == ChannelNames.Instagram))),
    ];

    private static JsonObject Describe(MetaAccount account) => account.Channel == ChannelNames.WhatsApp
        ? new()
        {
            ["verified_name"] = account.DisplayName,
            ["display_phone_number"] = account.DisplayName,
            ["quality_rating"] = "GREEN",
            ["platform_type"] = "CLOUD_API",
            ["throughput"] = new JsonObject { ["level"] = "STANDARD" },
            ["id"] = account.Id,
        }
        : new()
        {
            ["user_id"] = account.Id,
            ["username"] = account.DisplayName,
            ["account_type"] = "BUSINESS",
            ["id"] = account.AppScopedId,
        };

    private static JsonObject Describe(MetaAccount account, MetaApp app)
    {
        var described = new JsonObject { ["link"] = "https://www.facebook.com/", ["name"] = app.Name, ["id"] = app.Id };
        if (account.Channel == ChannelNames.WhatsApp) return new() { ["whatsapp_business_api_data"] = described };
        described[SubscribedFields] = new JsonArray([.. account.Fields.Select(f => JsonValue.Create(f))]);
        return described;
    }

    /// <summary>The members that were asked for and <c>id</c>; all where none was.</summary>
    private static JsonObject Pick(JsonObject all, string fields)
    {
        if (fields.Length == 0) return all;
        var asked = fields.Split(',', StringSplitOptions.TrimEntries).Append("id").ToHashSet(StringComparer.Ordinal);
        foreach (var name in all.Select(m => m.Key).Where(n => !asked.Contains(n)).ToList()) all.Remove(name);
        return all;
    }

}
