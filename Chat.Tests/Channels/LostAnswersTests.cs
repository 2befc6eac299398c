using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Chat.Tests.Graph;

namespace Chat.Tests.Channels;

/// <summary>
/// Requests and answers lost at random, webhooks twice and out of order, and the process killed in the middle: each message reaches the
/// phone at most once, and the desk learns what became of each. How many is said by <c>CHAT_LOST_ANSWERS</c>.
/// </summary>
public sealed class LostAnswersTests : IAsyncLifetime
{
    private const string CountSetting = "CHAT_LOST_ANSWERS";
    private const int Usual = 200;
    private const int Posters = 8;
    private const int PerConversation = 50;

    private readonly DeskAndPhone _both = new();

    private static int Count => int.TryParse(
        Environment.GetEnvironmentVariable(CountSetting), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : Usual;

    public async ValueTask InitializeAsync()
    {
        // What nothing proves by then is given up.
        _both.Standalone.Set("Connectors__UnknownAfter", "00:01:00");
        _both.Standalone.Set("Connectors__UnknownInterval", "00:00:01");
        // Each message of a conversation waits for the one before it.
        _both.Standalone.Set("Providers__WhatsApp__Timeout", "00:00:02");
        await _both.InitializeAsync();
        await _both.ControlAsync(HttpMethod.Put, "new-people", new { exist = true, haveWritten = true, readAtOnce = true });
        await _both.ControlAsync(HttpMethod.Put, "faults", new
        {
            lostRequests = 0.15,
            lostAnswers = 0.5,
            silences = 0.02,
            duplicates = 0.2,
            redeliveries = 0.1,
            disorder = 0.3,
            answerMilliseconds = 5,
            stepMilliseconds = 20,
            jitterMilliseconds = 50,
        });
    }

    public ValueTask DisposeAsync() => _both.DisposeAsync();

    [Fact]
    public async Task Each_message_reaches_the_phone_at_most_once_and_none_stays_without_an_end()
    {
        var posted = new ConcurrentDictionary<Guid, Guid>();
        var conversations = Enumerable.Range(0, (Count / PerConversation) + 1).Select(_ => Guid.NewGuid()).ToArray();
        var next = 0;
        var posting = Enumerable.Range(0, Posters).Select(_ => PostAsync()).ToList();
        await Until.TrueAsync(() => posted.Count >= Count / 2, "half of them are posted", Patience());
        await _both.Standalone.KillAsync();
        await _both.Standalone.StartAsync();
        await Task.WhenAll(posting);

        var ends = new ConcurrentDictionary<Guid, (string Status, string? Reason)>();
        await Until.TrueAsync(
            async () =>
            {
                var open = posted.Where(p => !ends.ContainsKey(p.Key)).Select(p => p.Value).ToHashSet();
                foreach (var conversation in open) await LookAsync(conversation);
                return ends.Count == posted.Count;
            },
            () => $"{ends.Count} of {posted.Count} messages have an end",
            Patience());

        await Until.TrueAsync(
            async () => (await _both.AskAsync("")).GetProperty("waiting").GetInt32() == 0, "every webhook was taken", Patience());
        var onPhone = (await _both.AskAsync("messages")).EnumerateArray().ToLookup(m => m.Text("opaqueData")!);
        Assert.Equal(Count, posted.Count);
        Assert.All(posted.Keys, m => Assert.True(onPhone[$"{m:D}"].Count() <= 1, $"{m} is on the phone twice"));
        // A proof that came after it was given up counts all the same.
        await Until.TrueAsync(
            async () =>
            {
                var late = ends.Where(e => e.Value.Status != "READ" && onPhone[$"{e.Key:D}"].Any()).Select(e => posted[e.Key]).ToHashSet();
                foreach (var conversation in late) await LookAsync(conversation);
                return late.Count == 0;
            },
            "what is on the phone is READ");
        foreach (var (message, (status, reason)) in ends.Where(e => !onPhone[$"{e.Key:D}"].Any()))
        {
            Assert.True(status == "FAILED", $"{message} is {status}, and not on the phone");
            Assert.False(string.IsNullOrEmpty(reason));
        }
        Assert.Contains(ends.Values, e => e.Status == "READ");
        Assert.Contains(ends.Values, e => e.Status == "FAILED");

        async Task LookAsync(Guid conversation)
        {
            using var response = await _both.Desk.SendAsync(HttpMethod.Get, $"/v1/conversations/{conversation:D}/messages?limit=200");
            // The limit of reads: the next look sees more.
            if (response.StatusCode == HttpStatusCode.TooManyRequests) return;
            var page = await Graph.Json.ReadAsync(response);
            foreach (var item in page.GetProperty("items").EnumerateArray())
            {
                if (item.Text("status") is ("READ" or "FAILED") and { } status)
                    ends[item.Id("messageId")] = (status, item.Text("reason"));
            }
        }

        async Task PostAsync()
        {
            while (Interlocked.Increment(ref next) is var number && number <= Count)
            {
                var recipient = $"+55119{70_000_000 + number}";
                while (!await TryPostAsync(number, recipient)) await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }

        async Task<bool> TryPostAsync(int number, string recipient)
        {
            var conversation = conversations[number / PerConversation];
            var body = _both.Desk.Body(conversation, $"number {number}");
            body["canal"] = DeskAndPhone.WhatsApp;
            body["destinatario"] = recipient;
            try
            {
                using var response = await _both.Desk.SendAsync(HttpMethod.Post, "/v1/messages", body, key: $"lost-{number}");
                if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) return false;
                Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
                posted[(await Graph.Json.ReadAsync(response)).Id("messageId")] = conversation;
                return true;
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                // Killed before it answered: the key makes the second try the same message.
                return false;
            }
        }
    }

    private static TimeSpan Patience() => TimeSpan.FromMinutes(2) + TimeSpan.FromMilliseconds(200d * Count);
}
