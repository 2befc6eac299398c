using Chat.Core.Bus;
using Chat.Core.Tokens;
using Chat.Tests.Compliance;
using Chat.Tools;
using Chat.Tools.Tokens;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Tools;

public sealed class RevokeCommandTests : IRevokedTokenStore, IStatusBus
{
    private static readonly DateTimeOffset Now = new(2026, 1, 15, 10, 30, 0, TimeSpan.Zero);

    private readonly List<RevokedToken> _revoked = [];
    private readonly List<BusMessage> _published = [];
    private bool _isBusAway;
    private bool _isBusUnreachable;
    private CancellationTokenSource? _interrupt;

    public event Action? Restored
    {
        add { }
        remove { }
    }

    [Fact]
    public async Task It_keeps_the_token_and_tells_the_instances()
    {
        var output = await RunAsync("token-1", Now.AddHours(1));

        Assert.Equal([new("token-1", Now.AddHours(1))], _revoked);
        Assert.Equal(RevocationHint.Channel, Assert.Single(_published).ConversationId);
        Assert.Equal("revoked token-1 until 2026-01-15T11:30:00.000Z", output.Trim());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_the_bus_is_away_the_token_is_revoked_all_the_same(bool atOnce)
    {
        (_isBusUnreachable, _isBusAway) = (atOnce, !atOnce);

        Assert.Contains("the bus could not be reached", await RunAsync("token-1", Now.AddHours(1)), StringComparison.Ordinal);
        Assert.Single(_revoked);
    }

    [Fact]
    public async Task Interrupted_once_the_token_is_kept_it_says_that_it_is_revoked()
    {
        using var interrupt = new CancellationTokenSource();
        _interrupt = interrupt;

        var output = await RunAsync("token-1", Now.AddHours(1));

        Assert.StartsWith("revoked token-1 until", output, StringComparison.Ordinal);
        Assert.Contains("the bus could not be reached", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_that_no_token_ends_at_is_refused()
    {
        foreach (var until in new[] { Now.AddHours(-2), Now.AddYears(11) })
        {
            var refused = await Assert.ThrowsAsync<ArgumentException>(() => RunAsync("token-1", until));
            Assert.Contains("--until", refused.Message, StringComparison.Ordinal);
        }
        Assert.Empty(_revoked);
    }

    [Fact]
    public async Task On_the_embedded_engines_it_is_there_for_the_next_start()
    {
        using var folder = new EmbeddedFolder();
        var data = folder.Options.DataFolder!;
        folder.OpenStore();
        folder.Close();
        using var output = new StringWriter();
        var until = DateTimeOffset.UtcNow.AddHours(1).ToString("O");

        var code = await ToolProgram.RunAsync(["revoke", "--token-id", "a b", "--until", until, "--data", data], output, output);

        Assert.True(code == 0, output.ToString());
        var revoked = await folder.OpenStore().RevokedTokens.ListRevokedAsync(DateTimeOffset.UtcNow, TestContext.Current.CancellationToken);
        Assert.Equal("a b", Assert.Single(revoked).TokenId);
    }

    public ValueTask RevokeAsync(RevokedToken token, CancellationToken cancellationToken)
    {
        _revoked.Add(token);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<RevokedToken>> ListRevokedAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask PublishAsync(IReadOnlyList<BusMessage> messages, CancellationToken cancellationToken)
    {
        _interrupt?.Cancel();
        cancellationToken.ThrowIfCancellationRequested();
        if (_isBusAway) throw new IOException("away");
        _published.AddRange(messages);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IAsyncDisposable> SubscribeAsync(
        Guid conversationId, IBusListener listener, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    // The token is revoked by the time that the bus is asked for, which may take long.
    private RevokeCommandTests Bus()
    {
        Assert.NotEmpty(_revoked);
        return _isBusUnreachable ? throw new IOException("unreachable") : this;
    }

    private async Task<string> RunAsync(string id, DateTimeOffset until)
    {
        using var output = new StringWriter();
        await RevokeCommand.RunAsync(
            this, Bus, new FakeTimeProvider(Now), new(id, until), output, _interrupt?.Token ?? TestContext.Current.CancellationToken);
        return output.ToString();
    }
}
