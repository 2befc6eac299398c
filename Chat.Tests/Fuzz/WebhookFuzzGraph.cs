using System.Text;
using Chat.Core.Accounts;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Webhooks;
using Chat.Tests.Webhooks;

namespace Chat.Tests.Fuzz;

/// <summary>
/// Two organizations with an account of each channel behind one processor of webhooks, in memory. What comes of a body is held against what
/// may come of any.
/// </summary>
internal sealed class WebhookFuzzGraph : IDisposable
{
    public const string Number = "700800900";
    public const string OtherNumber = "700800901";
    public const string Business = "900100200";
    public const string OtherBusiness = "900100201";
    public const string Profile = "17841400000000001";
    public const string OtherProfile = "17841400000000002";

    public static readonly Guid Organization = WebhookFixture.Organization;
    public static readonly Guid OtherOrganization = Guid.Parse("999e7890-e89b-12d3-a456-426614174000");

    // Messages of ours whose answers were lost.
    public static readonly Guid Sent = Guid.Parse("019a3f5c-8c00-7abc-8def-0123456789ab");
    public static readonly Guid OtherSent = Guid.Parse("019a3f5c-8c00-7abc-8def-0123456789ad");
    private static readonly Guid Posted = Guid.Parse("019a3f5c-8c00-7abc-8def-0123456789ac");
    private static readonly Guid OtherPosted = Guid.Parse("019a3f5c-8c00-7abc-8def-0123456789ae");

    private readonly WebhookFixture _it = new();
    private readonly string _channel;
    private readonly Dictionary<string, int> _read = [];
    private long _offset;

    private WebhookFuzzGraph(string channel)
    {
        _channel = channel;
        _it.Accounts.All.Clear();
        _it.Accounts.All.AddRange(
        [
            FakeAccounts.New(Organization, Number, businessId: Business),
            FakeAccounts.New(OtherOrganization, OtherNumber, businessId: OtherBusiness),
            FakeAccounts.New(Organization, Profile, "instagram"),
            FakeAccounts.New(OtherOrganization, OtherProfile, "instagram"),
        ]);
    }

    public static async Task<WebhookFuzzGraph> StartAsync(string channel)
    {
        var graph = new WebhookFuzzGraph(channel);
        await graph.AddAsync(Organization, Sent, "whatsapp", Number, "wamid.OURS");
        await graph.AddAsync(OtherOrganization, OtherSent, "whatsapp", OtherNumber, "wamid.THEIRS");
        await graph.AddAsync(Organization, Posted, "instagram", Profile, "mid.OURS");
        await graph.AddAsync(OtherOrganization, OtherPosted, "instagram", OtherProfile, "mid.THEIRS");
        return graph;
    }

    public void Dispose() => _it.Dispose();

    /// <summary>Takes a body, and one that is as it should be in the same batch.</summary>
    /// <param name="appOf">Whose own app it was posted to; null for ours.</param>
    /// <param name="most">It is cut into parts of so many bytes, where it is given.</param>
    /// <param name="expected">Ids that it holds in updates which must come through, whatever is beside them.</param>
    public async Task TakeAsync(byte[] body, Guid? appOf, int? most, IReadOnlyCollection<string> expected)
    {
        var witness = $"plain.{_offset}";
        var before = StateOfOther();

        var taking = _it.ProcessAsync(_channel, [.. EventsOf(body, appOf, most), .. EventsOf(Plain(witness), appOf: null, most: null)]);
        Assert.True(taking.IsCompleted, "A step is tried again: no engine failed, so it would be for ever.");
        await taking;

        var came = new List<string>();
        foreach (var (id, organization) in ReadStatuses().Concat(await ReadMessagesAsync()))
        {
            came.Add(id);
            if (appOf is { } whose && id != witness) Assert.Equal(whose, organization);
        }
        Assert.Equal([.. expected, witness], came.Where(id => id == witness || expected.Contains(id)).Order(OrderOf(expected, witness)));
        foreach (var letter in Take(Topics.DeadLetter(Topics.Webhooks(_channel))))
            Assert.True(letter.Header(HeaderNames.DeadLetterPointer) is null, letter.Header(HeaderNames.DeadLetterReason));
        if (appOf == Organization) Assert.Equal(before, StateOfOther());
    }

    // In the order in which they are expected.
    private static Comparer<string> OrderOf(IReadOnlyCollection<string> expected, string witness)
    {
        List<string> order = [.. expected, witness];
        return Comparer<string>.Create((a, b) => order.IndexOf(a).CompareTo(order.IndexOf(b)));
    }

    private async Task AddAsync(Guid organization, Guid message, string channel, string account, string providerId)
    {
        var conversation = MessageIds.Make(WebhookFixture.Now, message.ToByteArray().AsSpan(6));
        _it.Store.Claim(conversation, organization);
        _it.Store.Add(new Message(
            message,
            conversation,
            organization,
            Guid.Parse("789e1234-e89b-12d3-a456-426614174000"),
            channel,
            MessageDirection.Outbound,
            MessageTypes.Text,
            """{"texto":"Oi"}""",
            "990011",
            WebhookFixture.Now,
            AccountId: account));
        _it.Store.Add(new SendEntry(
            new(message, conversation, new(channel, account), 1, message, WebhookFixture.Now), SendOutcome.Unknown, null));
        await _it.Store.AddProviderIdAsync(
            new(channel, providerId, account), new(conversation, message), TestContext.Current.CancellationToken);
    }

    private (int, int, SendOutcome?, SendOutcome?) StateOfOther() => (
        _it.Store.Ids.Keys.Count(id => id.AccountId is OtherNumber or OtherProfile),
        _it.Store.Addresses.Keys.Count(a => a.Account.AccountId is OtherNumber or OtherProfile),
        _it.Store.Tries[OtherSent].Outcome,
        _it.Store.Tries[OtherPosted].Outcome);

    private IEnumerable<LogEvent> EventsOf(byte[] body, Guid? appOf, int? most)
    {
        var parts = most is { } bytes ? WebhookCut.Cut(body, bytes) : [body];
        foreach (var part in parts)
        {
            var raw = new RawWebhook(_channel, appOf?.ToString("D") ?? "default", appOf, part);
            foreach (var appended in raw.ToEvents(traceParent: null))
                yield return new(_offset++, appended.Key, appended.Value, WebhookFixture.Now, appended.Headers!);
        }
    }

    private byte[] Plain(string id) => Encoding.UTF8.GetBytes(_channel == "whatsapp"
        ? WebhookFixture.WhatsApp($"\"statuses\":[{WebhookFixture.Status(id)}]", Business, Number)
        : $$$"""{"object":"instagram","entry":[{"id":"{{{Profile}}}","messaging":[{{{WebhookFixture.Seen(id)}}}]}]}""");

    private IEnumerable<(string Id, Guid Organization)> ReadStatuses()
    {
        foreach (var appended in Take(Topics.Status))
        {
            var status = StatusEventJson.TryRead(appended.Value.Span, out var error);
            Assert.True(status is not null, error?.ToString());
            Assert.Equal(OwnerOf(status.AccountId), status.OrganizationId);
            // One of a message that was sent elsewhere may have no id of its own.
            yield return (status.ProviderMessageId ?? "", status.OrganizationId!.Value);
        }
    }

    private async Task<List<(string Id, Guid Organization)>> ReadMessagesAsync()
    {
        var read = new List<(string Id, Guid Organization)>();
        foreach (var appended in Take(Topics.Inbound(_channel)))
        {
            var message = MessageEventJson.TryRead(appended.Value.Span, out var error);
            Assert.True(message is not null, error?.ToString());
            Assert.Equal(OwnerOf(message.AccountId), message.OrganizationId);
            Assert.Equal(MessageIds.Format(message.ConversationId), appended.Key);
            var owners = await _it.Store.FindOwnersAsync([message.ConversationId], TestContext.Current.CancellationToken);
            Assert.Equal(message.OrganizationId, owners[message.ConversationId].OrganizationId);
            read.Add((message.ProviderMessageId!, message.OrganizationId));
        }
        return read;
    }

    private Guid OwnerOf(string? account) => _it.Accounts.All.Single(a => a.Key == new AccountKey(_channel, account!)).OrganizationId;

    private List<LogEvent> Take(string topic)
    {
        var events = _it.Log.Events(topic);
        var next = _read.GetValueOrDefault(topic);
        _read[topic] = events.Count;
        return [.. events.Skip(next)];
    }
}
