namespace Chat.Tests.Api;

/// <summary>That a setting which makes no sense stops the start, and is named.</summary>
public sealed class ApiOptionsTests
{
    [Theory]
    [InlineData("Hub:ReadPage", "0")]
    [InlineData("Hub:HeadCheckBatch", "0")]
    [InlineData("Hub:MaxConcurrentReads", "0")]
    [InlineData("Hub:MaxHeldPayloads", "-1")]
    [InlineData("Hub:HeadCheckInterval", "00:00:00")]
    [InlineData("Hub:KeepAliveTimeout", "-00:00:01")]
    [InlineData("Hub:ConflateAboveBytes", "524288")]
    [InlineData("Hub:MaxQueuedBytes", "1000")]
    [InlineData("Hub:InboundBurst", "0")]
    [InlineData("Hub:MaxFragments", "0")]
    [InlineData("Hub:MessageTimeout", "00:00:00")]
    [InlineData("Hub:SubscriptionBurst", "0")]
    [InlineData("Hub:SubscriptionsPerSecond", "-1")]
    [InlineData("Hub:HandshakeBurst", "0")]
    [InlineData("Hub:HandshakesPerSecond", "-1")]
    [InlineData("Messages:PostBurst", "0")]
    [InlineData("Messages:NewConversationCost", "0")]
    [InlineData("Messages:ReadBurst", "0")]
    [InlineData("Messages:ReadsPerSecond", "-1")]
    [InlineData("Messages:OrganizationReadBurst", "0")]
    [InlineData("Messages:MaxWaitingReads", "-1")]
    [InlineData("Media:MaxOpen", "1")]
    [InlineData("Media:MaxOpenPerUser", "0")]
    [InlineData("Media:MaxTime", "00:00:00")]
    [InlineData("Webhooks:BodyTimeout", "00:00:00")]
    [InlineData("Webhooks:MaxHeldBytes", "1000")]
    [InlineData("Proxies:Known:0", "the ingress")]
    [InlineData("Metrics:Allow:0", "prometheus")]
    [InlineData("Messages:IdempotencyLifetime", "00:00:00")]
    [InlineData("Jwt:ClockSkew", "-00:00:01")]
    [InlineData("Jwt:TokenLifetime", "00:00:00")]
    [InlineData("Callbacks:Key", "the key of all channels, in Production")]
    [InlineData("Callbacks:Keys:whatsapp", "short")]
    [InlineData("Jwt:Authority", "https://login.example.com", "Jwt:Audience")]
    [InlineData("Callbacks:Keys:instagram:0", "thirty-one bytes are not enough")]
    [InlineData("Callbacks:Keys:instagram", ApiHost.CallbackKey)]
    [InlineData("Callbacks:Keys:pigeon", "a key of a connector that is long enough")]
    [InlineData("Cors:Origins:0", "desk.example.com")]
    [InlineData("Cors:Origins:0", "https://desk.example.com/app")]
    public async Task A_setting_when_out_of_range_stops_the_start_and_is_named(string setting, string value, string? named = null)
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => ApiHost.StartAsync(new() { [setting] = value }));

        Assert.Contains((named ?? setting).Split(':')[1], refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_callback_key_when_configured_stops_no_start_and_lets_no_callback_in()
    {
        await using var api = await ApiHost.StartAsync(new() { ["Callbacks:Keys:whatsapp"] = "" });

        (await api.PostAsync("/v1/callbacks/status", "", "{}")).IsProblem(System.Net.HttpStatusCode.Unauthorized);
    }
}
