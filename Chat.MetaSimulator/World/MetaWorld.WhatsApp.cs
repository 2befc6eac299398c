using System.Text;
using System.Text.Json.Nodes;
using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Errors;
using Chat.MetaSimulator.Graph;
using Chat.MetaSimulator.Media;
using Chat.MetaSimulator.People;
using Chat.MetaSimulator.WhatsApp;

namespace Chat.MetaSimulator.World;

/// <summary>What a WhatsApp number is asked.</summary>
public sealed partial class MetaWorld
{
    private const string Product = "whatsapp";
    private const string Messages = "messages";
    private const string Statuses = "statuses";
    private const int TypingSeconds = 25;

    private static readonly TimeSpan OldestReacted = TimeSpan.FromDays(30);

    /// <summary><c>POST /{phone_number_id}/messages</c>, where what a link names is a file that goes.</summary>
    public GraphAnswer PostWhatsApp(MetaAccount account, JsonObject body, DateTimeOffset now) =>
        CheckWhatsApp(account, body, now).Finish(null, now);

    /// <summary><c>POST /{phone_number_id}/messages</c>, until a link is to be fetched: it is for nothing that fails without it.</summary>
    public PostedMessage CheckWhatsApp(MetaAccount account, JsonObject body, DateTimeOffset now)
    {
        if (body.Text("status") is { } status) return PostedMessage.Of(MarkRead(account, body, status, now));
        var (request, error) = WhatsAppRequest.Read(body);
        error ??= Check(account, request!, now);
        if (error is not null) return PostedMessage.Of(Refuse(error, Product));
        var lost = DrawFate(Faults.LostRequests);
        if (lost != Fate.Answered) return PostedMessage.Of(new(0, new(), Fate: lost));
        var person = FindRecipient(request!, now);
        var id = WaMessageId(request!.Input);
        var failure = person is null ? KnownErrors.Of(131026) : FailureOf(account, person.With(account), request, now);
        return new(failure is null ? [.. WhatsAppRequest.LinksOf(body)] : [], (linkFault, at) =>
        {
            var reason = linkFault is null ? failure : KnownErrors.Of(131053, details: linkFault);
            return Accept(account, person, request, reason, id, at);
        });
    }

    private GraphAnswer Accept(
        MetaAccount account, Person? person, WhatsAppRequest request, GraphError? failure, string id, DateTimeOffset now)
    {
        if (person is not null) Take(account, person, request, failure, id, now);
        else TellUndeliverable(account, request, id, now);
        return GraphAnswer.Of(new()
        {
            ["messaging_product"] = Product,
            ["contacts"] = new JsonArray(Recipient(request, person)),
            ["messages"] = new JsonArray(Accepted(request, id)),
        }) with
        {
            Fate = DrawFate(Faults.LostAnswers),
        };
    }

    private GraphError? Check(MetaAccount account, WhatsAppRequest request, DateTimeOffset now)
    {
        var key = request.To is { } to ? WaNumbers.Key(to) : request.UserId!;
        if (request.To is not null && key == WaNumbers.Key(account.Digits)) return KnownErrors.Of(131021);
        if (PlannedErrors.Take(account, key, byWebhook: false) is { } planned) return planned;
        if (request.Content.MediaId is { } media && Media.Find(media, now)?.Account != account)
        {
            return KnownErrors.Parameter(
                $"Param {request.Content.Type}['id'] is not a valid whatsapp business account media attachment ID");
        }
        if (request.IsTemplate && !_templates.Contains(TemplateOf(request.Content.Text!))) return KnownErrors.Of(132001);
        if (!account.Rate.TryTake(now)) return KnownErrors.Of(130429);
        var person = Find(request);
        if (account.HasPairLimit && person is not null && !person.With(account).PairRate.TryTake(now)) return KnownErrors.Of(131056);
        return null;
    }

    private Person? Find(WhatsAppRequest request) => request.To is { } digits
        ? _byNumber.GetValueOrDefault(WaNumbers.Key(digits))
        : _byUserId.GetValueOrDefault(request.UserId!);

    private Person? FindRecipient(WhatsAppRequest request, DateTimeOffset now)
    {
        if (Find(request) is { } person) return person;
        if (!NewPeople.Exist || request.To is not { } digits) return null;
        // Which form an account has depends on its age.
        var waId = Draw(0.5) ? WaNumbers.Key(digits) : digits;
        var made = SetPerson(digits, $"+{digits}", digits, waId, null, null);
        made.ReadsAtOnce = NewPeople.ReadAtOnce;
        if (NewPeople.HaveWritten)
        {
            foreach (var account in _accounts.Values.Where(a => a.Channel == ChannelNames.WhatsApp)) made.With(account).LastWroteAt = now;
        }
        return made;
    }

    private void Take(
        MetaAccount account, Person person, WhatsAppRequest request, GraphError? failure, string id, DateTimeOffset now)
    {
        var thread = person.With(account);
        if (request.Reaction is { } reaction)
        {
            // It has no place among the messages, and Meta tells no more of it than that it was sent.
            var sent = new PhoneMessage(id, isFromPerson: false, request.Content, now) { OpaqueData = request.OpaqueData };
            TellTicks(person, [new(thread, sent, failure is null ? TickKind.Sent : TickKind.Failed, now, failure)]);
            if (failure is null) person.Receive(thread, thread.Find(reaction.MessageId)!, reaction.Emoji);
            return;
        }
        var message = new PhoneMessage(id, isFromPerson: false, request.Content, now)
        {
            OpaqueData = request.OpaqueData,
            ReplyTo = request.ReplyTo,
        };
        Add(thread, person, message);
        TellTicks(person, person.Receive(thread, message, failure, now));
    }

    private GraphError? FailureOf(MetaAccount account, ChatThread thread, WhatsAppRequest request, DateTimeOffset now)
    {
        var key = request.To is { } to ? WaNumbers.Key(to) : request.UserId!;
        if (PlannedErrors.Take(account, key, byWebhook: true) is { } planned) return planned;
        if (thread.IsBlocked) return KnownErrors.Of(131026);
        var isOpen = thread.LastWroteAt is { } wrote && now - wrote < Window;
        if (!isOpen && !request.IsTemplate) return KnownErrors.Of(131047);
        if (request.Reaction is { } reaction
            && (thread.Find(reaction.MessageId) is not { IsDeleted: false } target || now - target.At > OldestReacted))
        {
            return KnownErrors.Invalid("reaction['message_id']");
        }
        return request.Content.MediaId is { } media && Media.Find(media, now) is { } file
            && MediaTypes.Wrong(account.Channel, request.Content.Type, file.MimeType, file.Bytes.Length) is { } wrong
                ? KnownErrors.Of(131053, details: wrong)
                : null;
    }

    /// <summary>Statuses of what a person's phone did, each after those before it.</summary>
    private void TellTicks(Person person, IReadOnlyList<Tick> ticks)
    {
        if (ticks.Count == 0) return;
        Version++;
        if (ticks[0].Thread.Account.Channel == ChannelNames.Instagram)
        {
            TellSeen(person, ticks);
            return;
        }
        var step = 0;
        PhoneMessage? last = null;
        foreach (var tick in ticks)
        {
            step = tick.Message == last ? step + 1 : 1;
            last = tick.Message;
            // A failed status names nobody but the recipient.
            var contact = tick.Kind == TickKind.Failed ? null : WhatsAppUpdates.Contact(person);
            Tell(tick.Thread, Messages, Statuses, WhatsAppUpdates.Status(person, tick), contact, tick.At, step);
        }
    }

    private void TellUndeliverable(MetaAccount account, WhatsAppRequest request, string id, DateTimeOffset now)
    {
        var nobody = new Person("", "") { WaId = request.To, UserId = request.UserId };
        var message = new PhoneMessage(id, isFromPerson: false, request.Content, now) { OpaqueData = request.OpaqueData };
        TellTicks(nobody, nobody.Receive(nobody.With(account), message, KnownErrors.Of(131026), now));
    }

    private GraphAnswer MarkRead(MetaAccount account, JsonObject body, string status, DateTimeOffset now)
    {
        if (status != "read") return Refuse(KnownErrors.Invalid("status"), Product);
        if (body.Text("message_id") is not { } id) return Refuse(KnownErrors.Missing("message_id"), Product);
        if (FindMessage(id) is not { Message.IsFromPerson: true } found || found.Thread.Account != account)
            return Refuse(KnownErrors.Invalid("message_id"), Product);
        foreach (var message in found.Thread.Messages)
        {
            if (message.IsFromPerson) message.ReadAt ??= now;
            if (message == found.Message) break;
        }
        if (body.Object("typing_indicator").Text("type") == "text") found.Thread.TypingUntil = now.AddSeconds(TypingSeconds);
        Version++;
        return GraphAnswer.Success();
    }

    private string WaMessageId(string recipient)
    {
        var head = Convert.ToBase64String(Encoding.ASCII.GetBytes(WaNumbers.Read(recipient) ?? "0")).TrimEnd('=');
        return $"wamid.HBgN{head}FQIAERgS{Text(18)}AA==";
    }

    private static JsonObject Recipient(WhatsAppRequest request, Person? person)
    {
        var recipient = new JsonObject { ["input"] = request.Input };
        if ((person is null ? request.To : person.HidesNumber && request.To is null ? null : person.WaId) is { } waId)
            recipient["wa_id"] = waId;
        if (person?.UserId is { } user) recipient["user_id"] = user;
        return recipient;
    }

    private static JsonObject Accepted(WhatsAppRequest request, string id)
    {
        var accepted = new JsonObject { ["id"] = id };
        if (request.IsTemplate) accepted["message_status"] = "accepted";
        return accepted;
    }

    private static (string, string) TemplateOf(string shown)
    {
        var at = shown.LastIndexOf(" (", StringComparison.Ordinal);
        return (shown[..at], shown[(at + 2)..^1]);
    }
}
