using System.Globalization;
using System.Net;
using Chat.Core.Engines;
using Chat.Core.Log;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Api;

/// <summary>What the API does when it is asked for too much, or when an engine does not answer.</summary>
public sealed class ApiLimitsTests
{
    private readonly Desk _desk = new();

    [Fact]
    public async Task An_organization_that_posts_too_fast_is_told_when_to_come_back_and_another_one_goes_on()
    {
        await using var api = await ApiHost.StartAsync(
            new() { ["Messages:PostsPerSecond"] = "1", ["Messages:PostBurst"] = "2", ["Messages:NewConversationCost"] = "1" });
        for (var i = 0; i < 2; i++) (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body())).Is(HttpStatusCode.Accepted);

        // A second or two may have passed.
        Answer refused;
        do refused = await api.PostAsync("/v1/messages", _desk.Token, _desk.Body());
        while (refused.Status == HttpStatusCode.Accepted);

        Assert.Equal("1", refused.IsProblem(HttpStatusCode.TooManyRequests).Header("Retry-After"));
        var other = new Desk();
        (await api.PostAsync("/v1/messages", other.Token, other.Body())).Is(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_post_when_refused_goes_through_once_time_has_passed()
    {
        await using var api = await ApiHost.StartAsync(
            new() { ["Messages:PostsPerSecond"] = "4", ["Messages:PostBurst"] = "1", ["Messages:NewConversationCost"] = "1" });
        (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body())).Is(HttpStatusCode.Accepted);
        var started = TimeProvider.System.GetTimestamp();

        Answer answer;
        do
        {
            answer = await api.PostAsync("/v1/messages", _desk.Token, _desk.Body());
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(30), "It was refused for 30 s");
        }
        while (answer.Status == HttpStatusCode.TooManyRequests);

        answer.Is(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Posts_when_the_limit_is_zero_are_not_limited()
    {
        await using var api = await ApiHost.StartAsync(
            new() { ["Messages:PostsPerSecond"] = "0", ["Messages:PostBurst"] = "1" });

        for (var i = 0; i < 20; i++) (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body())).Is(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Reads_when_posts_are_used_up_go_on()
    {
        await using var api = await ApiHost.StartAsync(
            new() { ["Messages:PostsPerSecond"] = "1", ["Messages:PostBurst"] = "1", ["Messages:NewConversationCost"] = "1" });
        (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body())).Is(HttpStatusCode.Accepted);

        for (var i = 0; i < 20; i++) (await api.GetAsync("/v1/channels", _desk.Token)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_post_to_a_conversation_that_is_new_counts_as_several_and_one_that_is_known_as_one()
    {
        await using var api = await ApiHost.StartAsync(new()
        {
            ["Messages:PostsPerSecond"] = "1",
            ["Messages:PostBurst"] = "1000",
            ["Messages:NewConversationCost"] = "400",
        });
        for (var i = 0; i < 100; i++) (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body())).Is(HttpStatusCode.Accepted);
        for (var i = 0; i < 2; i++) (await api.PostAsync("/v1/messages", _desk.Token, BodyOfAnother())).Is(HttpStatusCode.Accepted);

        var refused = (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body())).IsProblem(HttpStatusCode.TooManyRequests);

        // 1000 - 400 - 99 - 800 is 299 too few; time goes on.
        Assert.InRange(int.Parse(refused.Header("Retry-After")!, CultureInfo.InvariantCulture), 100, 300);
    }

    [Theory]
    [InlineData("/v1/conversations/{0}/messages", 1)]
    [InlineData("/v1/conversations/{0}/messages?limit=51", 2)]
    [InlineData("/v1/conversations/{0}/messages?limit=200", 4)]
    [InlineData("/v1/conversations/{0}/messages?limit=x", 1)]
    [InlineData("/v1/messages/{0}", 1)]
    [InlineData("/v1/messages/{0}/timeline", 1)]
    public async Task A_user_who_reads_too_fast_is_told_when_to_come_back_and_another_one_goes_on(string path, int cost)
    {
        await using var api = await ApiHost.StartAsync(new() { ["Messages:ReadsPerSecond"] = "1", ["Messages:ReadBurst"] = "100" });
        var address = string.Format(CultureInfo.InvariantCulture, path, Guid.NewGuid());

        for (var i = 0; i < 100 / cost; i++)
            Assert.NotEqual(HttpStatusCode.TooManyRequests, (await api.GetAsync(address, _desk.Token)).Status);
        // A second or two may have passed.
        Answer answer;
        var more = 0;
        do answer = await api.GetAsync(address, _desk.Token);
        while (answer.Status != HttpStatusCode.TooManyRequests && ++more < 20);

        Assert.NotNull(answer.IsProblem(HttpStatusCode.TooManyRequests).Header("Retry-After"));
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await api.GetAsync(address, new Desk().Token)).Status);
    }

    [Fact]
    public async Task Users_of_one_organization_that_read_too_fast_together_are_limited_too()
    {
        await using var api = await ApiHost.StartAsync(
            new() { ["Messages:OrganizationReadsPerSecond"] = "1", ["Messages:OrganizationReadBurst"] = "3" });
        var organization = Guid.NewGuid();
        var path = $"/v1/conversations/{Guid.NewGuid()}/messages?limit=150";

        (await api.GetAsync(path, ApiHost.Token(Guid.NewGuid(), organization))).Is(HttpStatusCode.OK);
        (await api.GetAsync(path, ApiHost.Token(Guid.NewGuid(), organization))).IsProblem(HttpStatusCode.TooManyRequests);
        (await api.GetAsync(path, ApiHost.Token(Guid.NewGuid(), Guid.NewGuid()))).Is(HttpStatusCode.OK);
        (await api.GetAsync(path, ApiHost.Token(Guid.NewGuid(), null))).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Handshakes_of_one_address_are_limited_before_their_token_is_looked_at()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Hub:HandshakesPerSecond"] = "1", ["Hub:HandshakeBurst"] = "1" });
        (await api.GetAsync("/ws/status")).IsProblem(HttpStatusCode.Unauthorized);

        Answer answer;
        do answer = await api.GetAsync("/ws/status");
        while (answer.Status == HttpStatusCode.Unauthorized);

        Assert.Equal("1", answer.IsProblem(HttpStatusCode.TooManyRequests).Header("Retry-After"));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("203.0.113.9", false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.0/8", true)]
    public async Task An_address_is_the_one_that_a_known_proxy_saw(string? known, bool isBelieved)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Hub:HandshakesPerSecond"] = "1",
            ["Hub:HandshakeBurst"] = "5",
            // As ASPNETCORE_FORWARDEDHEADERS_ENABLED sets it: by it the framework believes everybody, before anything of ours runs.
            ["FORWARDEDHEADERS_ENABLED"] = "true",
        };
        if (known is not null) settings["Proxies:Known:0"] = known;
        await using var api = await ApiHost.StartAsync(settings);
        var limited = 0;

        for (var client = 1; client <= 30; client++)
        {
            var answer = await api.SendAsync(
                HttpMethod.Get, "/ws/status", null, null, r => r.Headers.Add("X-Forwarded-For", $"192.0.2.{client}"));
            if (answer.Status == HttpStatusCode.TooManyRequests) limited++;
        }

        Assert.Equal(isBelieved, limited == 0);
    }

    [Fact]
    public async Task A_log_that_does_not_answer_is_503_and_the_retry_keeps_its_message()
    {
        var log = new SwitchableLog();
        await using var api = await ApiHost.StartAsync(configure: builder => log.Wrap(builder));
        log.Broken = true;

        var refused = (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body(), "key")).IsProblem(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("1", refused.Header("Retry-After"));
        Assert.DoesNotContain("broken on purpose", refused.Body, StringComparison.Ordinal);
        (await api.PostAsync("/v1/callbacks/status", ApiHost.CallbackKey, $$"""{"message_id":"{{Guid.NewGuid()}}","status":"SENT"}"""))
            .IsProblem(HttpStatusCode.ServiceUnavailable);

        log.Broken = false;
        (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body(), "key")).Is(HttpStatusCode.Accepted);
        Assert.Single(await api.ReadAsync(Topics.Messages, _ => true, 1));
    }

    [Fact]
    public async Task What_the_log_refuses_is_413_without_a_retry_and_without_an_error()
    {
        var log = new SwitchableLog { Failure = new EngineRefusedException("Message size too large") };
        await using var api = await ApiHost.StartAsync(configure: builder => log.Wrap(builder));
        log.Broken = true;

        var refused = (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body())).IsProblem(HttpStatusCode.RequestEntityTooLarge);
        Assert.Null(refused.Header("Retry-After"));
        (await api.PostAsync("/v1/callbacks/status", ApiHost.CallbackKey, $$"""{"message_id":"{{Guid.NewGuid()}}","status":"SENT"}"""))
            .IsProblem(HttpStatusCode.RequestEntityTooLarge);
    }

    /// <summary>The same user's post to another conversation.</summary>
    private string BodyOfAnother() => new Desk { Organization = _desk.Organization, User = _desk.User }.Body();

    private sealed class SwitchableLog : IEventLog
    {
        public IEventLog Inner { get; set; } = null!;

        public bool Broken { get; set; }

        public Exception Failure { get; init; } = new IOException("broken on purpose");

        public void Wrap(WebApplicationBuilder builder)
        {
            var embedded = builder.Services.Last(s => s.ServiceType == typeof(IEventLog));
            builder.Services.AddSingleton<IEventLog>(services =>
            {
                Inner = (IEventLog)(embedded.ImplementationFactory?.Invoke(services)
                    ?? ActivatorUtilities.CreateInstance(services, embedded.ImplementationType!));
                return this;
            });
        }

        public ValueTask<TopicDescription> DescribeAsync(string topic, CancellationToken cancellationToken) =>
            Inner.DescribeAsync(topic, cancellationToken);

        public ValueTask<IReadOnlyList<EventPosition>> AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken) =>
            Broken ? throw Failure : Inner.AppendAsync(events, cancellationToken);

        public Task ConsumeAsync(ConsumerGroup group, PartitionProcessor process, CancellationToken cancellationToken) =>
            Inner.ConsumeAsync(group, process, cancellationToken);
    }
}
