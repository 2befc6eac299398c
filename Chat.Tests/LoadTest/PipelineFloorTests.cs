using System.Diagnostics;
using System.Globalization;
using Chat.Core.Channels;
using Chat.Core.Statuses;
using Chat.LoadTest.PipelineFloor;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.LoadTest;

/// <summary>The floor's parts, on fakes of the log and the store.</summary>
public sealed class PipelineFloorTests : IDisposable
{
    private static readonly FloorTopics Topics = new("run");
    private static readonly FloorRecord Record = new(Guid.NewGuid(), Guid.NewGuid(), 123, MessageStatus.Accepted);
    private static readonly FloorEvent Event = new(Record, [1], 7, DateTimeOffset.UnixEpoch);

    private readonly FakeServers _servers = new();

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void Record_is_read_as_it_was_written_in_its_size()
    {
        var record = Record with { Status = MessageStatus.Delivered };

        Assert.Equal(300, record.Write(300).Length);
        Assert.Equal(record, FloorRecord.Read(record.Write(300)));
    }

    [Fact]
    public void Sizes_are_those_of_the_services_json() =>
        Assert.All([FloorSample.MessageBytes, FloorSample.StatusBytes, FloorSample.FrameBytes], size => Assert.InRange(size, 150, 600));

    [Fact]
    public async Task Router_writes_a_message_before_it_says_so_and_hands_it_on()
    {
        await new FloorRouter(_servers, _servers.AppendAsync, Topics).HandleAsync([Event]);

        Assert.Equal(["message", "run.msg.status Accepted", "run.msg.out Accepted"], _servers.Done);
    }

    [Fact]
    public async Task Connector_notes_the_hand_over_and_reports_each_status_when_the_channel_has_it()
    {
        var time = new FakeTimeProvider();
        var connector = new FloorConnector(_servers, _servers.AppendAsync, Topics, time);
        var pauses = ChannelCatalog.Default.Simulated;
        Assert.Null(connector.Wait);

        await connector.HandleAsync([Event]);
        Assert.Equal(["hand-over", "run.msg.status Sent"], _servers.TakeDone());
        Assert.Equal(pauses.DeliveredAfter, connector.Wait);

        time.Advance(pauses.DeliveredAfter);
        Assert.Equal(TimeSpan.Zero, connector.Wait);
        await connector.HandleAsync([]);
        Assert.Equal(["run.msg.status Delivered"], _servers.TakeDone());
        Assert.Equal(pauses.ReadAfter, connector.Wait);

        time.Advance(pauses.ReadAfter);
        await connector.HandleAsync([]);
        Assert.Equal(["run.msg.status Read"], _servers.TakeDone());
        Assert.Null(connector.Wait);
    }

    [Fact]
    public async Task Status_is_written_before_it_is_published()
    {
        await new FloorStatus(_servers, _servers.PublishAsync)
            .HandleAsync([Event with { Record = Record with { Status = MessageStatus.Sent } }]);

        Assert.Equal(["status", "published Sent"], _servers.Done);
    }

    [Fact]
    public async Task Poster_appends_until_it_is_stopped_and_then_tells_how_many_and_how_long_they_took()
    {
        var (input, output) = (new Lines(), new StringWriter(CultureInfo.InvariantCulture));
        var poster = new FloorPoster(_servers.AppendAsync, Topics, conversations: 3);
        var running = poster.RunAsync(input, output, TestContext.Current.CancellationToken);

        input.Say("post 1000");
        await _servers.Appended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        input.Say($"stop 0 {long.MaxValue}");
        input.Say(null);
        await running;

        var posted = FloorPoster.Posted.Parse(output.ToString().TrimEnd());
        Assert.Equal(_servers.Done.Count, posted.All);
        Assert.Equal(posted.All, posted.Measured);
        Assert.All(_servers.Done, appended => Assert.Equal("run.messages Accepted", appended));
    }

    [Fact]
    public async Task Poster_ends_with_the_failure_of_an_append()
    {
        var (input, output) = (new Lines(), new StringWriter(CultureInfo.InvariantCulture));
        var failing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var poster = new FloorPoster(
            _ =>
            {
                failing.TrySetResult();
                throw new IOException("no broker");
            },
            Topics,
            conversations: 3);
        var running = poster.RunAsync(input, output, TestContext.Current.CancellationToken);

        input.Say("post 1000");
        await failing.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        input.Say($"stop 0 {long.MaxValue}");

        var ended = await Assert.ThrowsAsync<InvalidOperationException>(
            () => running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.IsType<IOException>(ended.InnerException);
        Assert.Empty(output.ToString());
    }

    [Fact]
    public async Task Client_counts_what_was_read_and_times_what_was_posted_between_two_moments()
    {
        await using var reads = new FloorReads();
        var second = Stopwatch.Frequency;
        foreach (var (status, at) in new[] { (MessageStatus.Sent, 2), (MessageStatus.Delivered, 3), (MessageStatus.Read, 4) })
            reads.Take(Record with { PostedAt = second, Status = status }, at * second);

        Assert.Equal(1, reads.Count);
        Assert.Equal(1, reads.CountRead(4 * second, 5 * second));
        Assert.Equal(0, reads.CountRead(second, 4 * second));
        Assert.Equal(new(1000, 1000), reads.SentTimes(0, 2 * second));
        Assert.Equal(new(0, 0), reads.SentTimes(2 * second, 9 * second));
    }

    /// <summary>Notes in their order what was written, appended and published.</summary>
    private sealed class FakeServers : IFloorRows
    {
        private readonly TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Done { get; private set; } = [];

        /// <summary>Ends with the first append.</summary>
        public Task Appended => _appended.Task;

        public List<string> TakeDone()
        {
            var done = Done;
            Done = [];
            return done;
        }

        public Task AddMessagesAsync(IReadOnlyList<FloorEvent> messages) => Note("message");

        public Task AddHandOversAsync(IReadOnlyList<FloorEvent> messages) => messages.Count == 0 ? Task.CompletedTask : Note("hand-over");

        public Task AddStatusesAsync(IReadOnlyList<FloorEvent> statuses) => Note("status");

        public Task PublishAsync(Guid conversation, byte[] payload) =>
            Note($"published {FloorRecord.Read(payload).Status}{(conversation == Record.ConversationId ? "" : " elsewhere")}");

        public void Dispose()
        {
        }

        public Task AppendAsync(IReadOnlyCollection<FloorAppend> records)
        {
            foreach (var record in records) Done.Add($"{record.Topic} {FloorRecord.Read(record.Value).Status}");
            _appended.TrySetResult();
            return Task.CompletedTask;
        }

        private Task Note(string what)
        {
            Done.Add(what);
            return Task.CompletedTask;
        }
    }

    /// <summary>Lines that come when they are said.</summary>
    private sealed class Lines : TextReader
    {
        private readonly System.Threading.Channels.Channel<string?> _lines = System.Threading.Channels.Channel.CreateUnbounded<string?>();

        public void Say(string? line) => _lines.Writer.TryWrite(line);

        public override ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) =>
            _lines.Reader.ReadAsync(cancellationToken);
    }
}
