using Chat.Core.Time;

namespace Chat.Tests.Hub;

public sealed class FifoSemaphoreTests
{
    private readonly FifoSemaphore _gate = new(2);

    private Task EnterAsync() => _gate.EnterAsync(TestContext.Current.CancellationToken);

    [Fact]
    public void As_many_as_there_are_places_go_in_and_the_next_one_waits_for_one_to_leave()
    {
        Assert.True(EnterAsync().IsCompletedSuccessfully);
        Assert.True(EnterAsync().IsCompletedSuccessfully);
        Assert.False(EnterAsync().IsCompleted);
    }

    [Fact]
    public async Task Places_go_to_those_who_wait_in_the_order_they_came()
    {
        await EnterAsync();
        await EnterAsync();
        Task[] waiting = [EnterAsync(), EnterAsync(), EnterAsync()];
        for (var i = 0; i < waiting.Length; i++)
        {
            _gate.Leave();
            await waiting[i].WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            Assert.All(waiting[(i + 1)..], w => Assert.False(w.IsCompleted));
        }
    }

    [Fact]
    public async Task A_place_that_nobody_waits_for_is_free_again_and_none_is_won()
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.True(EnterAsync().IsCompletedSuccessfully);
            _gate.Leave();
        }
        await EnterAsync();
        await EnterAsync();
        Assert.False(EnterAsync().IsCompleted);
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_no_place()
    {
        await EnterAsync();
        await EnterAsync();
        using var patience = new CancellationTokenSource();
        var impatient = _gate.EnterAsync(patience.Token);
        var patient = EnterAsync();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => impatient.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        _gate.Leave();
        await patient.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Who_got_its_place_before_it_gave_up_has_it()
    {
        await EnterAsync();
        await EnterAsync();
        using var patience = new CancellationTokenSource();
        var entering = _gate.EnterAsync(patience.Token);
        _gate.Leave();
        await patience.CancelAsync();
        await entering.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Who_has_given_up_already_does_not_go_in()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _gate.EnterAsync(new CancellationToken(canceled: true)));
        Assert.True(EnterAsync().IsCompletedSuccessfully);
        Assert.True(EnterAsync().IsCompletedSuccessfully);
    }
}
