using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chat.Core.Webhooks;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Chat.Tests.Repository;
using Chat.Tests.Webhooks;

namespace Chat.Tests.Described;

/// <summary>The OpenAPI document says all that the API answers, and nothing else.</summary>
public sealed class OpenApiTests(DescribedHosts hosts, ITestOutputHelper output) : IClassFixture<DescribedHosts>
{
    public static TheoryData<string> Answers => [.. Provocation.All.Select(p => p.Answer)];

    [Fact]
    public async Task The_document_in_docs_is_the_one_that_the_API_serves()
    {
        var host = await hosts.GetAsync(HostState.Plain);
        var served = (await host.GetAsync("/openapi/v1.json")).Is(System.Net.HttpStatusCode.OK).Body;

        if (JsonNode.DeepEquals(JsonNode.Parse(served), OpenApiDescription.Current.Document)) return;

        var copy = Path.Combine(AppContext.BaseDirectory, "openapi.json");
        await File.WriteAllTextAsync(copy, served, new UTF8Encoding(false), TestContext.Current.CancellationToken);
        Assert.Fail($"{OpenApiDescription.File} is not what the API serves: cp {copy} {SourceFiles.PathOf(OpenApiDescription.File)}");
    }

    [Fact]
    public void Every_body_has_an_example_that_is_what_its_schema_says()
    {
        Assert.Empty(OpenApiDescription.Current.WithoutExample);
        Assert.All(OpenApiDescription.Current.Examples, example =>
        {
            var wrong = SchemaSet.Check(example.Schema, JsonSerializer.SerializeToElement(example.Example));
            Assert.True(wrong is null, $"{example.What}: {wrong}");
        });
    }

    [Fact]
    public void Every_operation_and_answer_says_what_it_is() => Assert.All(OpenApiDescription.Current.Operations, operation =>
    {
        Assert.NotEmpty(operation.Json["summary"]!.GetValue<string>());
        Assert.All(operation.Responses, answer => Assert.NotEmpty(answer.Value!["description"]!.GetValue<string>()));
    });

    [Fact]
    public void Every_answer_that_is_documented_has_a_row_and_no_other()
    {
        Assert.Equal(
            OpenApiDescription.Current.Answers.Order(StringComparer.Ordinal),
            Provocation.All.Select(p => p.Answer).Order(StringComparer.Ordinal));
        output.WriteLine($"{OpenApiDescription.Current.Operations.Count} operations, {Provocation.All.Count} answers");
    }

    // The answer itself is held against the document where every test's answers are: DescribedAnswers.
    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_documented_answer_is_seen(string answer)
    {
        var row = Provocation.All.Single(p => p.Answer == answer);
        var host = await hosts.GetAsync(row.Host);
        var call = await row.Prepare(host);
        Assert.Equal(answer.Split(' ')[0], OpenApiDescription.Current.Find(call.Method.Method, call.Path.Split('?')[0])?.Id);
        var wanted = int.Parse(answer.Split(' ')[1], CultureInfo.InvariantCulture);

        // Again and again: a limit has to be used up first, a message stored.
        await Until.TrueAsync(async () => await SendAsync(host, call) == wanted, answer);

        Assert.True(Seen.Has(answer));
    }

    private static async Task<int> SendAsync(ApiHost host, Call call)
    {
        using var request = new HttpRequestMessage(call.Method, call.Path);
        if (call.Body is not null) request.Content = new StringContent(call.Body, Encoding.UTF8, call.Type);
        if (call.Token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", call.Token);
        if (call.Key is not null) request.Headers.Add("Idempotency-Key", call.Key);
        if (call.Origin is not null) request.Headers.Add("Origin", call.Origin);
        if (call.Proxy) request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        if (call.Signature is not null) request.Headers.Add(WebhookSignature.Header, call.Signature);
        if (call.Upgrade)
        {
            request.Headers.Add("Connection", "Upgrade");
            request.Headers.Add("Upgrade", "websocket");
            request.Headers.Add("Sec-WebSocket-Version", "13");
            request.Headers.Add("Sec-WebSocket-Key", Hub.Protocol.RawSocket.Key);
            request.Headers.Add("Sec-WebSocket-Protocol", "chat.v1");
        }
        if (call.Stalls) return await StallAsync(new(host.Client.BaseAddress!, call.Path), request);
        using var response = await host.Client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }

    private static async Task<int> StallAsync(Uri url, HttpRequestMessage request)
    {
        using var client = new HttpClient(new DescribedAnswers(new StallingHandler()));
        request.RequestUri = url;
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }
}
