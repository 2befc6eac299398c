using Chat.Api.Auth.Revocation;
using Chat.Api.Problems;
using Chat.Core.Time;
using Chat.Core.Tokens;
using Chat.Tests.Graph;

namespace Chat.Tests.Api;

/// <summary>Who waits for what, while the store of revoked tokens takes its time.</summary>
public sealed class RevokedTokensTests : IRevokedTokenStore
{
    private readonly List<TaskCompletionSource<IReadOnlyList<RevokedToken>>> _asked = [];
    private readonly RevokedTokens _tokens;

    public RevokedTokensTests() => _tokens = new(this, TimeProvider.System);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_while_nothing_is_known_share_one_attempt_and_hear_together_that_it_failed()
    {
        var requests = Enumerable.Range(0, 20).Select(i => AskAsync($"token {i}", Cancellation)).ToList();
        Assert.DoesNotContain(requests, r => r.IsCompleted);

        Assert.Single(_asked).SetException(new IOException("away"));

        // 503: see RevocationTests.
        foreach (var request in requests) await Assert.ThrowsAsync<UnavailableException>(() => request);
        Assert.Single(_asked);
        var next = AskAsync("one", Cancellation);
        _asked[1].SetResult([new("one", DateTimeOffset.MaxValue)]);
        Assert.True(await next);
        Assert.Equal(["one"], _tokens.Known);
    }

    [Fact]
    public async Task A_request_that_is_given_up_takes_the_answer_from_no_other()
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var (first, second) = (AskAsync("one", gone.Token), AskAsync("one", Cancellation));

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Single(_asked).SetResult([new("one", DateTimeOffset.MaxValue)]);

        Assert.True(await second);
    }

    [Fact]
    public async Task A_look_asks_again_after_the_answer_that_is_under_way_whatever_that_was()
    {
        var request = AskAsync("one", Cancellation);
        var look = _tokens.LoadAsync(Cancellation).AsTask();
        Assert.Single(_asked).SetException(new IOException("away"));
        await request.WaitQuietlyAsync();

        await Until.TrueAsync(() => _asked.Count == 2, "the store is asked again");
        _asked[1].SetResult([new("two", DateTimeOffset.MaxValue)]);

        Assert.Equal(["two"], await look);
    }

    public ValueTask RevokeAsync(RevokedToken token, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<RevokedToken>> ListRevokedAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<IReadOnlyList<RevokedToken>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Add(answer);
        return new(answer.Task.WaitAsync(cancellationToken));
    }

    private Task<bool> AskAsync(string id, CancellationToken cancellationToken) => _tokens.ContainsAsync(id, cancellationToken).AsTask();
}
