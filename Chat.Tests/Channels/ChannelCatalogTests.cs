using Chat.Core.Channels;
using Chat.Core.Log;
using Chat.Core.Statuses;

namespace Chat.Tests.Channels;

public sealed class ChannelCatalogTests
{
    [Fact]
    public void The_seeds_channel_is_the_default_one() => Assert.Equal("whatsapp", ChannelCatalog.Default.Name);

    [Fact]
    public void Names_are_lower_case_and_differ() => Assert.Equal(
        ChannelCatalog.All.Count, ChannelCatalog.Names.Where(n => n.All(char.IsAsciiLetterLower)).Distinct().Count());

    [Theory]
    [InlineData("instagram", "instagram")]
    [InlineData("InstaGram", "instagram")]
    [InlineData("pigeon", null)]
    [InlineData("", null)]
    public void A_channel_is_found_by_its_name_in_any_case(string name, string? found) =>
        Assert.Equal(found, ChannelCatalog.Find(name)?.Name);

    [Fact]
    public void A_setting_decides_whether_DELIVERED_is_reported()
    {
        var channel = ChannelCatalog.Default with { Reports = [StatusKind.Sent, StatusKind.Read, StatusKind.Failed] };

        Assert.Equal(channel.Reports, channel.ReportsWith(null));
        Assert.Equal(channel.Reports, channel.ReportsWith(false));
        Assert.Equal([StatusKind.Sent, StatusKind.Delivered, StatusKind.Read, StatusKind.Failed], channel.ReportsWith(true));
        Assert.Equal(channel.Reports, ChannelCatalog.Default.ReportsWith(false));
    }

    [Fact]
    public void Each_channel_has_a_topic_and_its_dead_letters_and_no_topic_is_without_a_reader()
    {
        string[] live =
        [
            Topics.Messages,
            Topics.Status,
            .. ChannelCatalog.Names.SelectMany(n => new[] { $"msg.out.{n}", $"webhooks.{n}", $"msg.in.{n}" }),
        ];

        Assert.Equal(live.Concat(live.Select(t => $"{t}.dlq")).Order(), Topics.All.Order());
    }
}
