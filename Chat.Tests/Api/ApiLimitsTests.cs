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
        await using var api = await ApiHost.StartAsync(new() { ["Messages:PostsPerSecond"] = "1", ["Messages:PostBurst"] = "2" });
        for (var i = 0; i < 2; i++) (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body())).Is(HttpStatusCode.Accepted);

        var refused = (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body())).IsProblem(HttpStatusCode.TooManyRequests);

        Assert.Equal("1", refused.Header("Retry-After"));
        var other = new Desk();
        (await api.PostAsync("/v1/messages", other.Token, other.Body())).Is(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_post_when_refused_goes_through_once_time_has_passed()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Messages:PostsPerSecond"] = "4", ["Messages:PostBurst"] = "1" });
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
        await using var api = await ApiHost.StartAsync(new() { ["Messages:PostsPerSecond"] = "0", ["Messages:PostBurst"] = "1" });

        for (var i = 0; i < 20; i++) (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body())).Is(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Reads_when_posts_are_used_up_go_on()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Messages:PostsPerSecond"] = "1", ["Messages:PostBurst"] = "1" });
        (await api.PostAsync("/v1/messages", _desk.Token, _desk.Body())).Is(HttpStatusCode.Accepted);

        for (var i = 0; i < 20; i++) (await api.GetAsync("/v1/channels", _desk.Token)).Is(HttpStatusCode.OK);
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
