using Chat.Standalone;
using Microsoft.AspNetCore.Http;

namespace Chat.Tests.Graph;

public sealed class BannerTests
{
    [Theory]
    [InlineData("http://localhost:5000", "http://localhost:5000/demo.html")]
    [InlineData("http://127.0.0.1:5001", "http://127.0.0.1:5001/demo.html")]
    [InlineData("http://[::]:5000", "http://localhost:5000/demo.html")]
    [InlineData("http://0.0.0.0:80", "http://localhost:80/demo.html")]
    [InlineData("http://*:5000", "http://localhost:5000/demo.html")]
    public void The_address_to_open_is_one_that_a_browser_can_open(string listensOn, string opens) =>
        Assert.Contains($"  open  {opens}", Lines(listensOn, development: true));

    [Fact]
    public void Only_one_address_is_printed() =>
        Assert.Single(Lines("http://127.0.0.1:5000;http://[::1]:5000", development: true), l => l.Contains("http://"));

    [Theory]
    [InlineData("http://localhost:5000", false)]
    [InlineData("http://[::1]:5000;http://127.0.0.1:5000", false)]
    [InlineData("http://0.0.0.0:5000", true)]
    [InlineData("http://127.0.0.1:5000;http://192.0.2.7:5000", true)]
    public void Development_beyond_loopback_is_warned_of(string listensOn, bool warned) =>
        Assert.Equal(warned, Lines(listensOn, development: true).Any(l => l.Contains("sign in as anyone", StringComparison.Ordinal)));

    [Fact]
    public void In_production_there_is_no_demo_page_to_open()
    {
        var lines = Lines("http://0.0.0.0:5000", development: false);
        Assert.Contains("  api   http://localhost:5000", lines);
        Assert.DoesNotContain(lines, l => l.Contains("demo", StringComparison.Ordinal) || l.Contains("note", StringComparison.Ordinal));
    }

    [Fact]
    public void With_a_phone_there_are_two_addresses_to_open()
    {
        var lines = Banner
            .Text([BindingAddress.Parse("http://localhost:5000")], "/data", development: true, new("http://127.0.0.1:5080/phone/ana"))
            .Split(Environment.NewLine);
        Assert.Contains("  open  http://localhost:5000/desk", lines);
        Assert.Contains("  phone http://127.0.0.1:5080/phone/ana", lines);
    }

    private static string[] Lines(string listensOn, bool development) => Banner
        .Text([.. listensOn.Split(';').Select(BindingAddress.Parse)], "/data", development)
        .Split(Environment.NewLine);
}
