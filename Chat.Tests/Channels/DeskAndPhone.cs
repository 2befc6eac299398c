using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Chat.MetaSimulator.Hosting;
using Chat.Standalone.Phone;
using Chat.Tests.Graph;

namespace Chat.Tests.Channels;

/// <summary>
/// The built Chat.Standalone as a process, connected to a simulated Meta in this process, which stays when the other is killed: a desk on
/// one side, a customer's phone on the other, and HTTP alone between them.
/// </summary>
public sealed class DeskAndPhone : IAsyncLifetime
{
    public const string WhatsApp = "whatsapp";
    public const string Instagram = "instagram";

    private HttpClient _http = null!;

    public StandaloneProcess Standalone { get; } = new();

    public LoopbackSimulator Simulator { get; private set; } = null!;

    /// <summary>Somebody of the organization that has the accounts.</summary>
    public TestUser Desk { get; private set; } = null!;

    /// <summary>The first conversation that wrote to the person, by channel: their answers come into it for good.</summary>
    public ConcurrentDictionary<string, Guid> Conversations { get; } = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Simulator = await LoopbackSimulator.StartAsync(cancellationToken: Cancellation);
        _http = new() { BaseAddress = Simulator.Address };
        Standalone.Set("Phone__Url", Simulator.Address.ToString());
        await Standalone.StartAsync();
        Desk = new(Standalone, Guid.Parse(DemoAccounts.Organization));
    }

    public async ValueTask DisposeAsync()
    {
        Desk.Dispose();
        Standalone.Dispose();
        _http.Dispose();
        await Simulator.DisposeAsync();
    }

    public static string RecipientOf(string channel) =>
        channel == WhatsApp ? $"+{DemoAccounts.PersonNumber}" : DemoAccounts.PersonInstagramId;

    public static string ChatOf(string channel) =>
        $"chats/{channel}/{(channel == WhatsApp ? DemoAccounts.WhatsAppAccount : DemoAccounts.InstagramAccount)}";

    /// <summary>The desk writes; answers with the message's id.</summary>
    public async Task<Guid> WriteAsync(Guid conversation, string text, string channel, string? recipient = null)
    {
        if (recipient is null) Conversations.TryAdd(channel, conversation);
        var body = Desk.Body(conversation, text);
        body["canal"] = channel;
        body["destinatario"] = recipient ?? RecipientOf(channel);
        using var response = await Desk.SendAsync(HttpMethod.Post, "/v1/messages", body);
        Assert.True(
            response.StatusCode == HttpStatusCode.Accepted,
            $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Cancellation)}");
        return (await Graph.Json.ReadAsync(response)).Id("messageId");
    }

    /// <summary>Something that the person does with the phone.</summary>
    public Task DoAsync(string what, object? body = null) =>
        ControlAsync(HttpMethod.Post, $"people/{DemoAccounts.Person}/{what}", body ?? new { });

    public async Task ControlAsync(HttpMethod method, string what, object body)
    {
        using var request = new HttpRequestMessage(method, $"/simulator/{what}") { Content = JsonContent.Create(body) };
        using var response = await _http.SendAsync(request, Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{what}: {await response.Content.ReadAsStringAsync(Cancellation)}");
    }

    public async Task<JsonElement> AskAsync(string what) =>
        JsonElement.Parse(await _http.GetStringAsync($"/simulator/{what}", Cancellation));

    /// <summary>What the phone shows of a chat.</summary>
    public async Task<IReadOnlyList<JsonElement>> OnPhoneAsync(string channel) =>
    [
        .. (await AskAsync($"people/{DemoAccounts.Person}")).GetProperty("chats").EnumerateArray()
            .Single(c => c.Text("channel") == channel).GetProperty("messages").EnumerateArray(),
    ];

    /// <summary>Waits until the phone shows a text.</summary>
    public Task WaitForTextAsync(string channel, string text) => Until.TrueAsync(
        async () => (await OnPhoneAsync(channel)).Any(m => m.Text("text") == text), $"the phone shows {text}");

    /// <summary>Waits until the desk sees a message of a conversation, and answers with it.</summary>
    public async Task<JsonElement> WaitForMessageAsync(Guid conversation, Func<JsonElement, bool> wanted, string what)
    {
        JsonElement? found = null;
        await Until.TrueAsync(
            async () =>
            {
                var page = await Desk.GetAsync($"/v1/conversations/{conversation:D}/messages");
                found = page.GetProperty("items").EnumerateArray().Where(wanted).Cast<JsonElement?>().FirstOrDefault();
                return found is not null;
            },
            what);
        return found!.Value;
    }
}
