using System.Net.Http.Headers;
using Chat.Tests.Api;

namespace Chat.Tests.Fuzz;

/// <summary>Bodies of every POST over real HTTP: no answer is a 500, none a 503, and the service answers what comes after.</summary>
public sealed class HttpFuzzTests(FuzzGraph graph) : IClassFixture<FuzzGraph>
{
    private const int Share = 20;
    private const int Usual = 400;
    private const int AtOnce = 8;

    private static readonly string[] ContentTypes =
    [
        "application/json", "application/json; charset=utf-8", "application/json; charset=utf8", "application/json;charset=",
        "application/json; charset=utf-16", "application/x+json", "text/plain", "json", "application/json; a=\"", "*/*",
    ];

    [Fact]
    public Task Posts() => RunAsync("/v1/messages", ApiHost.Token(FuzzSamples.User, FuzzSamples.Organization), FuzzSamples.Posts);

    [Fact]
    public Task Callbacks() => RunAsync("/v1/callbacks/status", ApiHost.CallbackKey, FuzzSamples.Statuses);

    [Fact]
    public Task Token_requests() => RunAsync("/v1/auth/token", null, FuzzSamples.TokenRequests);

    private async Task RunAsync(string path, string? token, FuzzSample[] samples)
    {
        var inputs = new FuzzInputs(path, samples);
        var all = Enumerable.Range(0, FuzzInputs.Count(Share, Usual))
            .Select(_ => new Body(inputs.Next(), inputs.Random.Next(100), inputs.Random.Next(50) == 0));
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForEachAsync(all, options, async (body, _) =>
        {
            var start = Convert.ToBase64String(body.Json.AsSpan(0, Math.Min(body.Json.Length, 3000)));
            var which = $"seed {inputs.Seed}: {body.Json.Length} bytes, {start}";
            try
            {
                var answer = await graph.Host.SendAsync(HttpMethod.Post, path, token, body.ToContent());
                Assert.True((int)answer.Status < 500, $"{(int)answer.Status} for {which}: {answer.Body}");
            }
            catch (OperationCanceledException late)
            {
                throw new TimeoutException($"no answer for {which}", late);
            }
        });
        // Whatever was accepted goes through the workers like everything else.
        var (message, posted) = graph.NewMessage(FuzzSamples.Conversation);
        await graph.Host.Log.AppendAsync([posted], TestContext.Current.CancellationToken);
        await graph.AssertReadAsync([message]);
        graph.AssertNoComplaint();
    }

    private sealed record Body(byte[] Json, int Type, bool IsEncoded)
    {
        public ByteArrayContent ToContent()
        {
            var content = new ByteArrayContent(Json);
            if (Type < ContentTypes.Length) content.Headers.TryAddWithoutValidation("Content-Type", ContentTypes[Type]);
            else content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            if (IsEncoded) content.Headers.ContentEncoding.Add("gzip");
            return content;
        }
    }
}
