using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Chat.LoadTest;
using Chat.LoadTest.Faults;
using Chat.LoadTest.Posts;

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

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, true)]
    [InlineData(HttpStatusCode.Unauthorized, true)]
    [InlineData(HttpStatusCode.UnprocessableEntity, true)]
    [InlineData(HttpStatusCode.Accepted, false)]
    public async Task Posts_that_are_refused_for_good_or_accepted_without_an_id_are_not_tried_again_and_counted_as_failed(
        HttpStatusCode status, bool hasId)
    {
        using var api = new Api { Status = status, HasId = hasId };
        using var http = new HttpClient(api);
        var poster = new Poster(http, [new("http://api")], "token", _ids, _ledger, rate: 5, most: 2);

        await poster.RunAsync(TestContext.Current.CancellationToken, TestContext.Current.CancellationToken);

        Assert.Equal((2L, 0L, 0, 0L), (poster.Failed, poster.Retries, poster.Waiting, _ledger.Acknowledged));
    }

    [Theory]
    [InlineData(10, 0, 0, true)]
    [InlineData(0, 0, 0, false)]
    [InlineData(10, 1, 0, false)]
    [InlineData(10, 0, 1, false)]
    public void Run_in_which_posts_were_refused_or_none_was_acknowledged_is_no_success(
        int acknowledged, int failed, int repeated, bool isGood)
    {
        var result = new FaultsResult(
            default, default, default, default, [], null, acknowledged, 0, repeated, failed, 0, acknowledged, 3 * acknowledged, 0,
            [new("one", 1, 0, 0, 3 * acknowledged, 0, acknowledged)]);

        Assert.Equal(isGood, result.NothingMissing);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task Store_that_refuses_the_reader_for_good_is_not_asked_for_ever(HttpStatusCode status)
    {
        using var api = new Api { Status = status };
        using var http = new HttpClient(api);

        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => new StoreReader(http, "token")
            .ReadAsync(new("http://api"), _ids.Conversations[0], TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        Assert.Equal(status, refused.StatusCode);
    }

    [Fact]
    public async Task Round_of_posts_times_what_was_acknowledged_and_counts_the_rest_as_refused()
    {
        var number = 0;
        using var api = new Api
        {
            StatusOf = () => Interlocked.Increment(ref number) switch
            {
                1 => HttpStatusCode.Unauthorized,
                2 => throw new HttpRequestException("reset"),
                _ => HttpStatusCode.Accepted,
            },
        };
        using var http = new HttpClient(api);

        var round = await PostClients.RunAsync(http, new("http://api"), "token", 100, TimeSpan.FromSeconds(0.05), withKey: false);

        Assert.Equal((5, 2, 3L), (round.Posts, round.Refused, round.Latency.Count));
        Assert.Equal(round, PostRound.Read(round.Write()));
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

        public Func<HttpStatusCode>? StatusOf { get; init; }

        public bool HasId { get; init; } = true;

        public string? RetryAfter { get; init; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Headers.TryGetValues("Idempotency-Key", out var values)) Keys.Add(values.Single());
            var answer = new HttpResponseMessage(StatusOf?.Invoke() ?? Status)
            {
                Content = HasId ? JsonContent.Create(new { messageId = Guid.NewGuid() }) : JsonContent.Create(new { }),
            };
            if (RetryAfter is not null) answer.Headers.Add("Retry-After", RetryAfter);
            return Task.FromResult(answer);
        }
    }
}
