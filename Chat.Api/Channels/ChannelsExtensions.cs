using Chat.Core.Channels;
using Chat.Core.Statuses;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.Api.Channels;

/// <summary>A channel.</summary>
/// <param name="Reports">The statuses that it can report: a client needn't wait for any other.</param>
internal sealed record ChannelView(string Name, IReadOnlyList<string> Reports);

/// <summary>The channels, the default one first.</summary>
internal sealed record ChannelsView(IReadOnlyList<ChannelView> Items);

internal static class ChannelsExtensions
{
    // The connector's own setting, so that the two agree: the simulated channel says DELIVERED, the real one never does.
    private const string InstagramReportsDelivered = "Connectors:Instagram:ReportsDelivered";

    public static void AddChannels(this IHostApplicationBuilder builder) =>
        builder.Services.TryAddSingleton(new ChannelCatalog(builder.Configuration.GetValue(InstagramReportsDelivered, true)));

    public static void MapChannels(this IEndpointRouteBuilder api) =>
        api.MapGet("/channels", (ChannelCatalog channels) => TypedResults.Ok(new ChannelsView(
                [.. channels.All.Select(c => new ChannelView(c.Name, [.. c.Reports.Select(StatusNames.Format)]))])))
            .WithTags("Channels")
            .WithName("ListChannels")
            .WithSummary("The channels, and what each can report of a message.");
}
