using System.Globalization;
using System.Text.Json;
using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Hosting;
using Chat.MetaSimulator.Media;
using Chat.MetaSimulator.People;
using Chat.MetaSimulator.World;
using Microsoft.AspNetCore.Http.HttpResults;
using Answer = Microsoft.AspNetCore.Http.HttpResults.Results<
    Microsoft.AspNetCore.Http.HttpResults.NoContent,
    Microsoft.AspNetCore.Http.HttpResults.NotFound,
    Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult>;

namespace Chat.MetaSimulator.Control;

/// <summary>People, and what they do with their phones: the page asks these, and tests do.</summary>
internal static class PeopleEndpoints
{
    private static readonly TimeSpan SentFileLife = TimeSpan.FromDays(7);
    private static readonly TimeSpan TypingCheck = TimeSpan.FromSeconds(5);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static void MapPeople(this WebApplication app)
    {
        var people = app.MapGroup($"{ControlEndpoints.Root}/people");
        people.MapGet("", (Simulator simulator) => simulator.Do((world, _) =>
            world.People.Select(p => new { p.Id, p.Name, Number = p.WaId, p.InstagramId }).Take(1000).ToList()));
        var person = people.MapGroup("/{person}");
        person.MapPut("", SetPerson);
        person.MapGet("", GetPerson);
        person.MapGet("/events", WatchAsync);
        person.MapPost("/power", (string person, PowerRequest request, Simulator simulator) => Act(simulator, person, (world, who, now) =>
        {
            if (request.IsOn) world.SwitchOn(who, now);
            else world.SwitchOff(who);
            return null;
        }));
        person.MapPost("/close", (string person, Simulator simulator) => Act(simulator, person, (world, who, _) =>
        {
            world.Close(who);
            return null;
        }));
        MapChat(person.MapGroup("/chats/{channel}/{account}"));
    }

    private static void MapChat(RouteGroupBuilder chat)
    {
        chat.MapPost("/open", (string person, string channel, string account, Simulator simulator) =>
            InChat(simulator, person, channel, account, (world, who, thread, now) =>
            {
                if (!who.IsOn) return "The phone is off.";
                world.Open(who, thread, now);
                return null;
            }));
        chat.MapPost("/block", (string person, string channel, string account, BlockRequest request, Simulator simulator) =>
            InChat(simulator, person, channel, account, (world, _, thread, _) =>
            {
                world.Block(thread, request.IsBlocked);
                return null;
            }));
        chat.MapPost("/wrote", (string person, string channel, string account, WroteRequest request, Simulator simulator) =>
            InChat(simulator, person, channel, account, (_, _, thread, now) =>
            {
                thread.LastWroteAt = request.SecondsAgo is { } ago ? now.AddSeconds(-ago) : null;
                return null;
            }));
        chat.MapPost("/messages", (
            string person, string channel, string account, WriteRequest request, HttpContext context, Simulator simulator) =>
            InChat(simulator, person, channel, account, (world, who, thread, now) =>
                Write(world, who, thread, request, HostOf(context), now)));
        chat.MapPost("/echoes", (string person, string channel, string account, WriteRequest request, Simulator simulator) =>
            InChat(simulator, person, channel, account, (world, who, thread, now) =>
            {
                if (channel != ChannelNames.Instagram) return "Only Instagram has echoes here.";
                world.WriteAsBusiness(who, thread.Account, new("text", request.Text), now);
                return null;
            }));
        chat.MapPost("/reactions", (string person, string channel, string account, ReactionRequest request, Simulator simulator) =>
            OnMessage(simulator, person, channel, account, request.MessageId, (world, who, thread, message, now) =>
                world.React(who, thread, message, request.Emoji, now)));
        chat.MapPost("/edits", (string person, string channel, string account, EditRequest request, Simulator simulator) =>
            OnMessage(simulator, person, channel, account, request.MessageId, (world, who, thread, message, now) =>
                world.Edit(who, thread, message, request.Text, now)));
        chat.MapPost("/deletions", (string person, string channel, string account, DeletionRequest request, Simulator simulator) =>
            OnMessage(simulator, person, channel, account, request.MessageId, (world, who, thread, message, now) =>
                world.Delete(who, thread, message, now)));
        chat.MapPost("/taps", (string person, string channel, string account, TapRequest request, Simulator simulator) =>
            InChat(simulator, person, channel, account, (world, who, thread, now) =>
            {
                var message = thread.Find(request.MessageId);
                var button = message?.Content.Buttons?.FirstOrDefault(b => b.Id == request.ButtonId);
                if (button is null) return "There is no such button.";
                return world.Tap(who, thread, message!, button, now) is null ? "The phone is off, or the chat is blocked." : null;
            }));
    }

    private static NoContent SetPerson(string person, PersonRequest request, Simulator simulator)
    {
        simulator.Do((world, _) =>
        {
            var known = world.FindPerson(person);
            var set = world.SetPerson(
                person,
                request.Name ?? known?.Name ?? person,
                WaNumbers.Read(request.Number),
                WaNumbers.Read(request.WaId),
                request.UserId,
                request.InstagramId);
            set.HidesNumber = request.HidesNumber ?? set.HidesNumber;
            set.HasReadReceipts = request.HasReadReceipts ?? set.HasReadReceipts;
            set.ReadsAtOnce = request.ReadsAtOnce ?? set.ReadsAtOnce;
        });
        return TypedResults.NoContent();
    }

    private static Results<Ok<PersonView>, NotFound> GetPerson(string person, Simulator simulator) =>
        View(simulator, person) is { } view ? TypedResults.Ok(view) : TypedResults.NotFound();

    /// <summary>The phone each time that it shows something else, as server-sent events.</summary>
    private static async Task WatchAsync(
        string person, HttpContext context, Simulator simulator, TimeProvider time, IHostApplicationLifetime host)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, host.ApplicationStopping);
        string? last = null;
        try
        {
            while (true)
            {
                var changed = simulator.NextChange();
                var view = JsonSerializer.Serialize(View(simulator, person), Json);
                if (view != last)
                {
                    await context.Response.WriteAsync($"data: {view}\n\n", end.Token);
                    await context.Response.Body.FlushAsync(end.Token);
                    last = view;
                }
                // That nobody types any more follows from the time alone.
                await Task.WhenAny(changed, Task.Delay(TypingCheck, time, end.Token));
                end.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or the simulator ends.
        }
    }

    private static PersonView? View(Simulator simulator, string person) => simulator.Do((world, now) =>
        world.FindPerson(person) is { } who ? PersonView.Of(world, who, now) : null);

    private static string? Write(
        MetaWorld world, Person who, ChatThread thread, WriteRequest request, string here, DateTimeOffset now)
    {
        var type = request.Type ?? "text";
        if (type == "text" && string.IsNullOrEmpty(request.Text)) return "There is no text.";
        if (type == "location" && !IsPlace(request.Text)) return "A place is latitude, longitude.";
        MediaFile? file = null;
        var content = new PhoneContent(type, request.Text);
        if (request.File is { } given)
        {
            file = world.AddMedia(thread.Account, given.Bytes, given.MimeType, given.Name, SentFileLife, now);
            var url = thread.Account.Channel == ChannelNames.Instagram ? $"{here}/cdn/{file.Id}" : null;
            content = content with { MediaId = file.Id, MediaUrl = url, FileName = given.Name };
        }
        return world.Write(who, thread, content, file, request.ReplyTo, now) is null ? "The phone is off, or the chat is blocked." : null;
    }

    private static bool IsPlace(string? text) =>
        text?.Split(',', StringSplitOptions.TrimEntries) is { Length: 2 } parts
        && parts.All(p => double.TryParse(p, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number));

    private static Answer Act(Simulator simulator, string person, Func<MetaWorld, Person, DateTimeOffset, string?> what) =>
        simulator.Do<Answer>((world, now) =>
        {
            if (world.FindPerson(person) is not { } who) return TypedResults.NotFound();
            return what(world, who, now) is { } wrong
                ? TypedResults.Problem(wrong, statusCode: StatusCodes.Status409Conflict)
                : TypedResults.NoContent();
        });

    private static Answer InChat(
        Simulator simulator,
        string person,
        string channel,
        string account,
        Func<MetaWorld, Person, ChatThread, DateTimeOffset, string?> what) =>
        Act(simulator, person, (world, who, now) =>
            world.FindAccount(channel, account) is { } found ? what(world, who, who.With(found), now) : "There is no such account.");

    private static Answer OnMessage(
        Simulator simulator,
        string person,
        string channel,
        string account,
        string messageId,
        Action<MetaWorld, Person, ChatThread, PhoneMessage, DateTimeOffset> what) =>
        InChat(simulator, person, channel, account, (world, who, thread, now) =>
        {
            if (!who.IsOn || thread.IsBlocked) return "The phone is off, or the chat is blocked.";
            if (thread.Find(messageId) is not { } message) return "There is no such message.";
            what(world, who, thread, message, now);
            return null;
        });

    private static string HostOf(HttpContext context) => $"{context.Request.Scheme}://{context.Request.Host}";
}
