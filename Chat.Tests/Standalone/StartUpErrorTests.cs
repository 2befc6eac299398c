using System.Net.Sockets;
using Chat.Core;
using Chat.Standalone;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Standalone;

public sealed class StartUpErrorTests
{
    [Fact]
    public void A_taken_address_says_how_to_choose_another() => Assert.Equal(
        "Failed to bind to address http://127.0.0.1:5000: address already in use. Stop what listens there. "
        + "Another address is chosen by --urls http://localhost:5001, or the environment variable ASPNETCORE_URLS.",
        StartUpError.Explain(new IOException(
            "Failed to bind to address http://127.0.0.1:5000: address already in use.",
            new AddressInUseException("…", new SocketException()))));

    [Fact]
    public void An_address_that_is_not_this_users_or_machines_says_how_to_choose_another() => Assert.Contains(
        "--urls", StartUpError.Explain(new SocketException((int)SocketError.AccessDenied)), StringComparison.Ordinal);

    [Fact]
    public void Invalid_settings_are_a_line_each() => Assert.Equal(
        $"Jwt:Key is short{Environment.NewLine}Hub:ReadPage is 0",
        StartUpError.Explain(new OptionsValidationException("", typeof(object), ["Jwt:Key is short", "Hub:ReadPage is 0"])));

    [Fact]
    public void Of_several_errors_at_once_one_alone_is_explained()
    {
        var one = new IOException("The disk is full");

        Assert.Equal("The disk is full", StartUpError.Explain(new AggregateException(one)));
        Assert.Null(StartUpError.Explain(new AggregateException(one, one)));
    }

    public static TheoryData<Exception> OfTheEngines =>
    [
        new StartUpException("The data folder can't be written"),
        new UnauthorizedAccessException("The data folder can't be written"),
    ];

    [Theory]
    [MemberData(nameof(OfTheEngines))]
    public void An_engines_own_words_are_enough(Exception exception) =>
        Assert.Equal("The data folder can't be written", StartUpError.Explain(exception));

    public static TheoryData<Exception> Defects => [new InvalidOperationException("no service"), new FormatException()];

    [Theory]
    [MemberData(nameof(Defects))]
    public void A_defect_is_not_explained_since_its_stack_is_needed(Exception exception) => Assert.Null(StartUpError.Explain(exception));
}
