using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Chat.LoadTest;
using Chat.LoadTest.Faults;

namespace Chat.Tests.LoadTest;

public sealed class PosterTests
{
    private readonly RunIds _ids = RunIds.Create(1);
    private readonly Ledger _ledger = new(1);

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 0)]
    public async Task Posts_have_a_key_of_their_own_or_none_and_a_low_rate_posts_too(bool keys, int count)
    {
        using var api = new Api();
        using var http = new HttpClient(api);

        await new Poster(http, [new("http://api")], "token", _ids, _ledger, rate: 5, most: 2, keys).RunAsync(
            TestContext.Current.CancellationToken, TestContext.Current.CancellationToken);

        Assert.Equal(2, _ledger.Acknowledged);
        Assert.Equal(count, api.Keys.Distinct().Count());
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable, "1", 2, 0)]
    [InlineData(HttpStatusCode.TooManyRequests, "1", 2, 0)]
    [InlineData(HttpStatusCode.ServiceUnavailable, null, 0, 2)]
    [InlineData(HttpStatusCode.InternalServerError, "1", 0, 2)]
    public async Task Posts_that_are_not_tried_again_are_counted_by_whether_they_were_told_when_to_come_back(
        HttpStatusCode status, string? retryAfter, int refused, int failed)
    {
        using var api = new Api { Status = status, RetryAfter = retryAfter };
        using var http = new HttpClient(api);
        var poster = new Poster(http, [new("http://api")], "token", _ids, _ledger, rate: 5, most: 2, once: true);

        await poster.RunAsync(TestContext.Current.CancellationToken, TestContext.Current.CancellationToken);

        Assert.Equal((refused, (long)failed, 0L), (poster.Refused.Count, poster.Failed, poster.Retries));
        Assert.Equal(0, _ledger.Acknowledged);
    }

    [Fact]
    public void What_a_client_shows_is_timed_at_its_first_status_and_at_read()
    {
        var message = _ledger.Get(Guid.NewGuid());
        Assert.Equal((0, 0), (message.FirstShownAt(0), message.ReadAt(0)));

        message.Show(0, Rank.Sent, isFrame: true);
        var first = message.FirstShownAt(0);
        message.Show(0, Rank.Delivered, isFrame: true);
        Assert.Equal(0, message.ReadAt(0));
        message.Show(0, Rank.Read, isFrame: true);
        var read = message.ReadAt(0);
        message.Show(0, Rank.Read, isFrame: false);

        Assert.True(first > 0 && first <= read);
        Assert.Equal((first, read), (message.FirstShownAt(0), message.ReadAt(0)));
    }

    private sealed class Api : HttpMessageHandler
    {
        public ConcurrentBag<string> Keys { get; } = [];

        public HttpStatusCode Status { get; init; } = HttpStatusCode.Accepted;

        public string? RetryAfter { get; init; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Headers.TryGetValues("Idempotency-Key", out var values)) Keys.Add(values.Single());
            var answer = new HttpResponseMessage(Status) { Content = JsonContent.Create(new { messageId = Guid.NewGuid() }) };
            if (RetryAfter is not null) answer.Headers.Add("Retry-After", RetryAfter);
            return Task.FromResult(answer);
        }
    }
}
