using Chat.Api.Auth;
using Chat.Api.Conversations;
using Chat.Api.Messages;
using Chat.Api.Problems;
using Chat.Core.Conversations;
using Chat.Core.Ids;
using Chat.Tests.Stores;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Api;

/// <summary>Who finds a message by its id, and how long it is waited for, on a clock and a store that are the test's.</summary>
public sealed class MessageFinderTests
{
    private static readonly Guid Conversation = Guid.NewGuid();
    private static readonly Guid Organization = Guid.NewGuid();
    private static readonly ChatUser Owner = new(Guid.NewGuid(), Organization, DateTimeOffset.MaxValue);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 7, 0, 0, TimeSpan.Zero));
    private readonly Messages _messages = new();
    private readonly Conversations _conversations = new();
    private readonly MessagesOptions _options = new() { FindWait = TimeSpan.FromSeconds(1) };
    private readonly Guid _young;

    public MessageFinderTests() => _young = new IdSource(_time).Next();

    [Fact]
    public async Task A_message_when_the_user_may_see_it_is_found_at_once()
    {
        _messages.Key = new(Conversation, _young);

        Assert.Equal(_messages.Key, await Finder().FindAsync(Owner, _young, Cancellation));
    }

    [Fact]
    public async Task A_message_when_it_comes_meanwhile_is_found()
    {
        var finding = Finder().FindAsync(Owner, _young, Cancellation).AsTask();
        Assert.False(finding.IsCompleted);

        _messages.Key = new(Conversation, _young);
        await AdvanceUntilDoneAsync(finding);

        Assert.Equal(_messages.Key, await finding);
    }

    [Fact]
    public async Task A_message_when_it_does_not_come_is_waited_for_as_long_as_configured_and_no_longer()
    {
        var began = _time.GetUtcNow();
        var finding = Finder().FindAsync(Owner, _young, Cancellation).AsTask();

        await AdvanceUntilDoneAsync(finding);

        Assert.Null(await finding);
        Assert.InRange(_time.GetUtcNow() - began, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.2));
        Assert.Equal(6, _messages.Reads);
    }

    [Fact]
    public async Task A_message_when_it_is_not_the_users_takes_as_long_as_one_that_is_not_there()
    {
        _messages.Key = new(Conversation, _young);
        var stranger = Owner with { OrganizationId = Guid.NewGuid() };
        var began = _time.GetUtcNow();
        var finding = Finder().FindAsync(stranger, _young, Cancellation).AsTask();

        await AdvanceUntilDoneAsync(finding);

        Assert.Null(await finding);
        Assert.InRange(_time.GetUtcNow() - began, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.2));
    }

    [Fact]
    public async Task A_message_when_too_many_wait_already_is_not_waited_for()
    {
        _options.MaxWaitingReads = 2;
        var finder = Finder();
        var waiting = Enumerable.Range(0, 2).Select(_ => finder.FindAsync(Owner, _young, Cancellation).AsTask()).ToList();

        Assert.Null(await finder.FindAsync(Owner, _young, Cancellation));

        await AdvanceUntilDoneAsync(Task.WhenAll(waiting));
        // They made room.
        var next = finder.FindAsync(Owner, _young, Cancellation).AsTask();
        Assert.False(next.IsCompleted);
    }

    [Fact]
    public async Task A_message_is_looked_for_again_no_longer_than_the_limit_of_reads_allows()
    {
        _options.ReadBurst = 2;
        _options.ReadsPerSecond = 1;
        var finding = Finder().FindAsync(Owner, _young, Cancellation).AsTask();

        await AdvanceUntilDoneAsync(finding);

        Assert.Equal(3, _messages.Reads);
    }

    [Fact]
    public async Task A_message_when_its_id_is_old_is_not_waited_for()
    {
        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.Null(await Finder().FindAsync(Owner, _young, Cancellation));
        Assert.Equal(1, _messages.Reads);
    }

    [Fact]
    public void A_message_when_its_id_is_young_may_be_on_its_way_and_no_other()
    {
        var finder = Finder();

        Assert.True(finder.CanReport(_young));
        Assert.False(finder.CanReport(Guid.Parse("123e4567-e89b-12d3-a456-426614174000")));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(finder.CanReport(_young));
    }

    [Fact]
    public async Task A_store_when_it_fails_is_unavailable()
    {
        _messages.Fails = true;

        await Assert.ThrowsAsync<UnavailableException>(async () => await Finder().FindAsync(Owner, _young, Cancellation));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private MessageFinder Finder() => new(
        _messages,
        new ConversationAccess(new OwnerCache(_conversations), _conversations),
        new ReadLimit(Options.Create(_options), _time),
        _time,
        Options.Create(_options));

    private async Task AdvanceUntilDoneAsync(Task task)
    {
        for (var step = 0; step < 10_000 && !task.IsCompleted; step++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }
        Assert.True(task.IsCompleted);
    }

    private sealed class Messages : UnusedStore
    {
        public MessageKey? Key { get; set; }

        public bool Fails { get; set; }

        public int Reads { get; private set; }

        public override ValueTask<IReadOnlyDictionary<Guid, MessageKey>> FindMessageKeysAsync(
            IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
        {
            Reads++;
            if (Fails) throw new IOException("down");
            return new(messageIds.Where(id => id == Key?.MessageId).ToDictionary(id => id, _ => Key!.Value));
        }
    }

    private sealed class Conversations : IConversationStore
    {
        public ValueTask<IReadOnlyDictionary<Guid, ConversationOwner>> FindOwnersAsync(
            IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken) =>
            new(conversationIds.ToDictionary(c => c, c => new ConversationOwner(c, Organization, default)));

        public ValueTask<ConversationOwner> ClaimConversationAsync(ConversationOwner claim, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask AddPosterAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<bool> HasPostedAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
