using System.Net;
using Chat.Core.Ids;
using Chat.RouterWorker;
using Chat.Tests.Compliance;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Api;

/// <summary>The order that people see is the order of the log.</summary>
public sealed class MessageOrderTests
{
    private const int Posts = 3_000;

    [Fact]
    public async Task Three_thousand_posts_each_after_the_202_before_it_are_on_the_pages_in_that_order()
    {
        var clocks = new DisagreeingClocks();
        await using var api = await ApiHost.StartAsync(
            configure: builder =>
            {
                builder.AddRouterWorker();
                builder.Services.AddSingleton(new IdSource(clocks));
            });
        var desk = new Desk();
        var posted = new List<Guid>(Posts);
        for (var i = 0; i < Posts; i++)
        {
            if (i == Posts / 2) clocks.SetBack(TimeSpan.FromSeconds(30));
            var answer = (await api.PostAsync("/v1/messages", desk.Token, desk.Body($"{i}"))).Is(HttpStatusCode.Accepted);
            posted.Add(answer.Json.GetProperty("messageId").GetGuid());
        }
        using var deadline = new Deadline();
        while (await api.Store.Messages.FindMessageKeysAsync([posted[^1]], deadline.Token) is { Count: 0 })
            await Task.Delay(50, deadline.Token);

        var seen = new List<Guid>(Posts);
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await api.GetAsync($"/v1/conversations/{desk.Conversation}/messages?limit=200{cursor}", desk.Token))
                .Is(HttpStatusCode.OK).Json;
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(m => m.GetProperty("messageId").GetGuid()));
            cursor = page.GetProperty("next").GetString() is { } next ? $"&before={next}" : null;
        }

        seen.Reverse();
        Assert.Equal(posted, seen);
        // It was not for want of disorder.
        Assert.NotEqual(posted, posted.OrderBy(MessageIds.Format, StringComparer.Ordinal));
    }

    /// <summary>The clocks of three instances, of which now one and then another makes an id.</summary>
    private sealed class DisagreeingClocks : TimeProvider
    {
        private static readonly int[] Milliseconds = [0, -180, 350];

        private readonly Random _random = new(3);
        private TimeSpan _back;

        public void SetBack(TimeSpan by) => _back += by;

        public override DateTimeOffset GetUtcNow() =>
            base.GetUtcNow() - _back + TimeSpan.FromMilliseconds(Milliseconds[_random.Next(Milliseconds.Length)]);
    }
}
