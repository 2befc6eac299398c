using System.Text.Json.Nodes;
using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Errors;
using Chat.MetaSimulator.Graph;
using Chat.MetaSimulator.Instagram;
using Chat.MetaSimulator.People;

namespace Chat.MetaSimulator.World;

/// <summary>What an Instagram account is asked.</summary>
public sealed partial class MetaWorld
{
    private const string Messaging = "messaging";
    private const int OutsideWindow = 2534022;
    private const int NoSuchUser = 2534014;
    private const int NotAvailable = 1545041;

    private static readonly TimeSpan HumanWindow = TimeSpan.FromDays(7);
    private static readonly string[] SlowTypes = ["audio", "video"];

    /// <summary><c>POST /{IG_ID}/messages</c>, where what links name are files that go.</summary>
    public GraphAnswer PostInstagram(MetaAccount account, JsonObject body, DateTimeOffset now) =>
        CheckInstagram(account, body, now).Finish(null, now);

    /// <summary><c>POST /{IG_ID}/messages</c>, until links are to be fetched: they are for nothing that is refused without them.</summary>
    /// <param name="here">Where the simulator is, and so its files; null where it has no address.</param>
    public PostedMessage CheckInstagram(MetaAccount account, JsonObject body, DateTimeOffset now, string? here = null)
    {
        var (request, error) = InstagramRequest.Read(body);
        error ??= PlannedErrors.Take(account, request!.Recipient, byWebhook: false);
        if (error is not null) return Refused(error);
        if (_byInstagramId.GetValueOrDefault(request!.Recipient) is not { } person) return Refused(KnownErrors.Of(100, NoSuchUser));
        var thread = person.With(account);
        if (thread.IsBlocked) return Refused(KnownErrors.Of(551, NotAvailable));
        if (request.Action is { } action) return PostedMessage.Of(Act(thread, request, action, now));
        var window = request.IsHumanAgent ? HumanWindow : Window;
        if (thread.LastWroteAt is not { } wrote || now - wrote >= window) return Refused(KnownErrors.Of(10, OutsideWindow));
        if (InstagramRequest.IdsOf(body).Any(id => Media.Find(id, now)?.Account != account))
            return Refused(KnownErrors.Parameter("Param message[attachment][payload][attachment_id] is not an attachment's"));
        var rate = SlowTypes.Contains(request.Content!.Type) ? account.MediaRate : account.Rate;
        if (!rate.TryTake(now)) return Refused(KnownErrors.Of(613));
        var lost = DrawFate(Faults.LostRequests);
        if (lost != Fate.Answered) return PostedMessage.Of(new(0, new(), Fate: lost));
        var content = request.Content;
        if (here is not null && content is { MediaId: { } kept, MediaUrl: null })
            content = content with { MediaUrl = $"{here}/cdn/{kept}" };
        return new([.. InstagramRequest.LinksOf(body)], (linkFault, at) =>
        {
            if (linkFault is not null) return Refuse(KnownErrors.Of(100, KnownErrors.NotFetched, linkFault), null);
            var message = SendInstagram(person, thread, content, request.ReplyTo, at);
            return GraphAnswer.Of(new() { ["recipient_id"] = person.InstagramId, ["message_id"] = message.Id }) with
            {
                Fate = DrawFate(Faults.LostAnswers),
            };
        });

        PostedMessage Refused(GraphError why) => PostedMessage.Of(Refuse(why, null));
    }

    /// <summary>What somebody of the business's writes in Instagram's own app: it comes as an echo alone.</summary>
    public PhoneMessage WriteAsBusiness(Person person, MetaAccount account, PhoneContent content, DateTimeOffset now) =>
        SendInstagram(person, person.With(account), content, null, now);

    private PhoneMessage SendInstagram(Person person, ChatThread thread, PhoneContent content, string? replyTo, DateTimeOffset now)
    {
        var message = new PhoneMessage(InstagramMessageId(), isFromPerson: false, content, now) { ReplyTo = replyTo };
        Add(thread, person, message);
        var echo = InstagramUpdates.Echo(thread.Account, person, message);
        // An early one passes all of the chat that is not told yet.
        if (Draw(Faults.EarlyEchoes)) Enqueue(thread, Messaging, null, echo, null, now);
        else Tell(thread, Messaging, null, echo, null, now, 1);
        TellTicks(person, person.Receive(thread, message, null, now));
        return message;
    }

    private GraphAnswer Act(ChatThread thread, InstagramRequest request, string action, DateTimeOffset now)
    {
        switch (action)
        {
            case "typing_on":
                thread.TypingUntil = now.AddSeconds(TypingSeconds);
                break;
            case "typing_off":
                thread.TypingUntil = null;
                break;
            case "mark_seen":
                foreach (var message in thread.Messages.Where(m => m.IsFromPerson)) message.ReadAt ??= now;
                break;
            default:
                if (thread.Find(request.Target!) is not { } target) return Refuse(KnownErrors.Parameter("No such message"), null);
                target.BusinessReaction = request.Emoji is "love" ? "❤" : request.Emoji;
                break;
        }
        Version++;
        return GraphAnswer.Of(new() { ["recipient_id"] = request.Recipient });
    }

    /// <summary>Instagram tells that a message was seen, and names the last one alone; of delivery it tells nothing.</summary>
    private void TellSeen(Person person, IReadOnlyList<Tick> ticks)
    {
        foreach (var seen in ticks.Where(t => t.Kind == TickKind.Read).GroupBy(t => t.Thread))
        {
            var last = seen.Last();
            var item = InstagramUpdates.FromPerson(
                seen.Key.Account, person, last.At, "read", new() { ["mid"] = last.Message.Id });
            Tell(seen.Key, Messaging, null, item, null, last.At, 2);
        }
    }

    private string InstagramMessageId() => $"aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOj{Text(72)}ZD";
}
