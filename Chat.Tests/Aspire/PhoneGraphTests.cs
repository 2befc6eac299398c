using System.Net;
using System.Net.Http.Json;
using Chat.Standalone.Phone;
using Chat.Tests.Graph;

namespace Chat.Tests.Aspire;

/// <summary>
/// The AppHost with <c>--Phone=true</c>, run for real. In the collection of the other graph that it runs here: a test there counts the
/// orchestrators of this process.
/// </summary>
[Collection(EmbeddedGraphCollection.Name)]
public sealed class PhoneGraphTests(PhoneChatGraph graph) : IClassFixture<PhoneChatGraph>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_desk_sends_is_on_the_phone_and_READ_once_the_chat_is_open_there()
    {
        using var http = new HttpClient();
        foreach (var page in new[] { new Uri(graph.Apis[0], "/desk"), new Uri(graph.Phone, $"/phone/{DemoAccounts.Person}") })
        {
            using var response = await http.GetAsync(page, Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        }
        using var desk = new TestUser(graph, Guid.Parse(DemoAccounts.Organization));
        var body = desk.Body(Guid.NewGuid(), "Seu pedido saiu");
        body["canal"] = "whatsapp";
        body["destinatario"] = $"+{DemoAccounts.PersonNumber}";

        using var posted = await desk.SendAsync(HttpMethod.Post, "/v1/messages", body);
        Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
        var message = (await Graph.Json.ReadAsync(posted)).Id("messageId");
        await desk.WaitForStatusAsync(message, "DELIVERED");

        var chat = $"/simulator/people/{DemoAccounts.Person}/chats/whatsapp/{DemoAccounts.WhatsAppAccount}/open";
        using var opened = await http.PostAsJsonAsync(new Uri(graph.Phone, chat), new { }, Cancellation);
        Assert.True(opened.IsSuccessStatusCode, $"{opened.StatusCode}");
        await desk.WaitForStatusAsync(message, "READ");
    }
}
