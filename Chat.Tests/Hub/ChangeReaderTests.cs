namespace Chat.Tests.Hub;

public sealed class ChangeReaderTests
{
    private readonly FeedFixture _rig = new(o => o.MaxConcurrentReads = 1);

    public ChangeReaderTests() => _rig.Store.Changes.UnionWith([1, 2]);

    private Task<bool> IsFreshAsync(long since = 0) => ReadAsync(since, TestContext.Current.CancellationToken);

    private async Task<bool> ReadAsync(long since, CancellationToken cancellationToken)
    {
        var (page, fresh) = await _rig.Reader.ReadSharedAsync(FeedFixture.Conversation, since, CancellationToken.None, cancellationToken);
        Assert.Equal(2, page.Head);
        return fresh;
    }

    [Fact]
    public async Task Who_asks_the_same_while_a_read_is_under_way_shares_it_and_is_told_so()
    {
        var read = _rig.Store.HoldNextRead();
        var first = IsFreshAsync();
        var second = IsFreshAsync();
        read.SetResult();
        Assert.True(await first);
        Assert.False(await second);
        Assert.Equal([0], _rig.Store.Reads);
    }

    [Fact]
    public async Task A_read_that_has_ended_is_shared_with_nobody()
    {
        Assert.True(await IsFreshAsync());
        Assert.True(await IsFreshAsync());
        Assert.Equal([0, 0], _rig.Store.Reads);
    }

    [Fact]
    public async Task Who_asks_for_another_number_reads_for_itself_and_waits_for_room()
    {
        var read = _rig.Store.HoldNextRead();
        var first = IsFreshAsync(since: 0);
        var second = IsFreshAsync(since: 1);
        Assert.Equal([0], _rig.Store.Reads);
        read.SetResult();
        Assert.True(await first);
        Assert.True(await second);
        Assert.Equal([0, 1], _rig.Store.Reads);
    }

    [Fact]
    public async Task A_shared_read_goes_on_without_the_one_who_began_it()
    {
        var read = _rig.Store.HoldNextRead();
        using var leaving = new CancellationTokenSource();
        var first = ReadAsync(0, leaving.Token);
        var second = IsFreshAsync();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        read.SetResult();
        Assert.False(await second);
    }

    [Fact]
    public async Task A_read_that_has_ended_is_out_of_the_way_of_the_next_that_is_shared()
    {
        await IsFreshAsync();
        var read = _rig.Store.HoldNextRead();
        var first = IsFreshAsync();
        var second = IsFreshAsync();
        read.SetResult();
        Assert.True(await first);
        Assert.False(await second);
        Assert.Equal([0, 0], _rig.Store.Reads);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(16, false)]
    [InlineData(16, true)]
    public async Task Conversations_that_can_not_be_read_keep_no_place_between_tries(int places, bool refused)
    {
        var rig = new FeedFixture(o => o.MaxConcurrentReads = places);
        rig.Store.Changes.UnionWith([1, 2]);
        rig.Store.Refuses = refused;
        using var end = new CancellationTokenSource();
        var failing = Enumerable.Range(1, 40).Select(i => new Guid(i, 0, 0, new byte[8])).ToList();
        rig.Store.Unreadable.UnionWith(failing);
        var waiting = failing.Select(c => rig.Reader.ReadAsync(c, 0, end.Token)).ToList();

        // No time passes: a read that kept its place until its next try would keep this one out.
        Assert.True(rig.Reader.ReadAsync(FeedFixture.Conversation, 0, end.Token).IsCompletedSuccessfully);
        Assert.DoesNotContain(waiting, w => w.IsCompleted);

        rig.Store.Unreadable.Clear();
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        foreach (var read in waiting) Assert.Equal(2, (await read).Head);
        await end.CancelAsync();
    }
}
