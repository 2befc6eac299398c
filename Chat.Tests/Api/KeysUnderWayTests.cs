using System.Threading.Channels;
using Chat.Api.Messages;
using Chat.Api.Problems;
using Chat.Core.Idempotency;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Api;

public sealed class KeysUnderWayTests : IIdempotencyStore
{
    private readonly KeysUnderWay _keys;
    private readonly IdempotencyKey _key = new(Guid.NewGuid(), Guid.NewGuid(), "key");
    private readonly Channel<(IdempotencyRecord Record, TaskCompletionSource<IdempotencyRecord> Answer)> _claims =
        Channel.CreateUnbounded<(IdempotencyRecord, TaskCompletionSource<IdempotencyRecord>)>();

    public KeysUnderWayTests() => _keys = new(this, Options.Create(new MessagesOptions()));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Claims_of_a_key_at_the_same_time_are_one_in_the_store_and_get_its_record()
    {
        var (one, two, other) = (NewRecord(), NewRecord(), NewRecord());

        var first = _keys.ClaimAsync(_key, one, Cancellation).AsTask();
        var second = _keys.ClaimAsync(_key, two, Cancellation).AsTask();
        var apart = _keys.ClaimAsync(_key with { Key = "other" }, other, Cancellation).AsTask();

        Assert.Equal(2, _claims.Reader.Count);
        Assert.Equal(one, await AnswerAsync());
        Assert.Equal(other, await AnswerAsync());
        Assert.Equal([one, one, other], await Task.WhenAll(first, second, apart));
    }

    [Fact]
    public async Task Claim_after_another_has_ended_asks_the_store()
    {
        var first = _keys.ClaimAsync(_key, NewRecord(), Cancellation);
        await AnswerAsync();
        var record = await first;

        var second = _keys.ClaimAsync(_key, NewRecord(), Cancellation);
        (await _claims.Reader.ReadAsync(Cancellation)).Answer.SetResult(record);

        Assert.Equal(record, await second);
    }

    [Fact]
    public async Task Claim_that_fails_is_nothing_to_the_one_that_waited_for_it()
    {
        var own = NewRecord();
        var failing = _keys.ClaimAsync(_key, NewRecord(), Cancellation).AsTask();
        var waiting = _keys.ClaimAsync(_key, own, Cancellation).AsTask();

        (await _claims.Reader.ReadAsync(Cancellation)).Answer.SetException(new TimeoutException());

        await Assert.ThrowsAsync<UnavailableException>(() => failing);
        Assert.Equal(own, await AnswerAsync());
        Assert.Equal(own, await waiting);
    }

    [Fact]
    public async Task Claim_whose_caller_is_gone_while_it_waits_leaves_the_other_alone()
    {
        using var gone = new CancellationTokenSource();
        var own = NewRecord();
        var first = _keys.ClaimAsync(_key, own, Cancellation).AsTask();
        var waiting = _keys.ClaimAsync(_key, NewRecord(), gone.Token).AsTask();

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await AnswerAsync();
        Assert.Equal(own, await first);
        Assert.Equal(0, _claims.Reader.Count);
    }

    public ValueTask<IdempotencyRecord> ClaimIdempotencyKeyAsync(
        IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<IdempotencyRecord>(TaskCreationOptions.RunContinuationsAsynchronously);
        _claims.Writer.TryWrite((record, answer));
        return new(answer.Task.WaitAsync(cancellationToken));
    }

    /// <summary>Answers the store's next claim with its own record.</summary>
    private async Task<IdempotencyRecord> AnswerAsync()
    {
        var (record, answer) = await _claims.Reader.ReadAsync(Cancellation);
        answer.SetResult(record);
        return record;
    }

    private static IdempotencyRecord NewRecord() => new(Guid.NewGuid(), "hash", DateTimeOffset.UnixEpoch);
}
