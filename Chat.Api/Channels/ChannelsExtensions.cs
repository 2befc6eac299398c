using Chat.Core.Channels;
using Chat.Core.Statuses;

namespace Chat.Api.Channels;

/// <summary>A channel.</summary>
/// <param name="Name">What <c>canal</c> takes.</param>
/// <param name="DisplayName">As people write it.</param>
/// <param name="Reports">The statuses that it can report: a client needn't wait for any other.</param>
internal sealed record ChannelView(string Name, string DisplayName, IReadOnlyList<string> Reports);

/// <summary>The channels, the default one first.</summary>
internal sealed record ChannelsView(IReadOnlyList<ChannelView> Items);

internal static class ChannelsExtensions
{
    public static void AddChannels(this IHostApplicationBuilder builder) => builder.Services.AddSingleton(new ChannelsView(
        [.. ChannelCatalog.All.Select(channel => View(channel, builder.Configuration))]));

    public static void MapChannels(this IEndpointRouteBuilder api) =>
        api.MapGet("/channels", (ChannelsView channels) => TypedResults.Ok(channels))
            .WithTags("Channels")
            .WithName("ListChannels")
            .WithSummary("The channels, and what each can report of a message.");

    // The connector's own setting, so that the two agree.
    private static ChannelView View(Channel channel, IConfiguration configuration)
    {
        var reports = channel.ReportsWith(configuration.GetValue<bool?>(ChannelSettings.ReportsDelivered(channel.Name)));
        return new(channel.Name, channel.DisplayName, [.. reports.Select(k => StatusNames.Format(k))]);
    }
}
