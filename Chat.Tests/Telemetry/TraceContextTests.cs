using Chat.Core.Telemetry;

namespace Chat.Tests.Telemetry;

public sealed class TraceContextTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public void A_traceparent_is_taken_as_it_is() => Assert.Equal(Trace, TraceContext.Read(Trace));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x")]
    [InlineData("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01")]
    [InlineData("\u001b[-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    public void What_is_no_traceparent_goes_no_further(string? value) => Assert.Null(TraceContext.Read(value));
}
