using System.Buffers.Binary;
using System.Text.Json;
using System.Threading.Channels;
using Chat.Api.Hub;
using Chat.Api.Hub.Sessions;
using Chat.Api.Hub.Sockets;
using Chat.Core.Statuses;
using Chat.Tests.Api;
using Chat.Tests.Compliance.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Hub;

/// <summary>A reader that takes one write at a time, and a server that has much more for it than may wait.</summary>
public sealed class SlowReaderTests
{
    private const int Conversations = 40;
    private const int ChangesEach = 50;

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_795_000_000_000);

    [Fact]
    public async Task Who_was_away_for_long_gets_all_of_it_at_its_own_pace_and_is_not_closed()
    {
        await using var host = await ApiHost.StartAsync(new()
        {
            ["Hub:ReadPage"] = "20",
            ["Hub:ConflateAboveBytes"] = "8192",
            ["Hub:MaxQueuedBytes"] = "32768",
        });
        var organization = Guid.NewGuid();
        var conversations = new List<Guid>();
        for (var i = 0; i < Conversations; i++)
        {
            var conversation = Guid.NewGuid();
            conversations.Add(conversation);
            await host.Store.Conversations.ClaimConversationAsync(new(conversation, organization, Now), Cancellation);
            // Each of another message, so that dropping older statuses makes no room.
            await host.Store.Statuses.AddChangesAsync(
                [.. Enumerable.Range(1, ChangesEach).Select(seq => new StatusChange(
                    conversation, seq, Guid.NewGuid(), MessageStatus.Sent, "whatsapp", Now, null, Now))],
                Cancellation);
        }
        await using var reader = new SlowReader();
        var options = host.App.Services.GetRequiredService<IOptions<HubOptions>>().Value;
        var metrics = host.App.Services.GetRequiredService<HubMetrics>();
        var connection = new SocketConnection(new StreamWire(reader, () => { }), options, TimeProvider.System, metrics);
        await using var session = host.App.Services.GetRequiredService<HubSessions>().Open(
            "slow", new(Guid.NewGuid(), organization, DateTimeOffset.MaxValue), connection);

        foreach (var conversation in conversations)
            session.OnText(JsonSerializer.SerializeToUtf8Bytes(new { type = "subscribe", conversationId = conversation, since = 0 }));

        var seen = conversations.ToDictionary(c => c, _ => 0L);
        while (seen.Values.Any(s => s < ChangesEach))
        {
            foreach (var frame in await reader.NextWriteAsync())
            {
                Assert.True(frame.Opcode == SlowReader.Text, $"The server sent {frame.Opcode}: it closed a reader that is only slow");
                var json = JsonElement.Parse(frame.Payload);
                if (json.GetProperty("type").GetString() != "message.status") continue;
                var conversation = json.GetProperty("conversationId").GetGuid();
                Assert.Equal(seen[conversation] + 1, json.GetProperty("seq").GetInt64());
                seen[conversation]++;
            }
            // Slow is who leaves the server time to read much more than it takes.
            for (var i = 0; i < 20; i++) await host.Store.Changes.GetHeadsAsync(conversations, Cancellation);
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The client's end of a connection: a write ends when the next one is asked for.</summary>
    private sealed class SlowReader : Stream
    {
        public const int Text = 1;

        private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

        private readonly Channel<(byte[] Bytes, TaskCompletionSource Taken)> _writes =
            Channel.CreateUnbounded<(byte[], TaskCompletionSource)>();
        private TaskCompletionSource? _open;

        public async Task<IReadOnlyList<(int Opcode, byte[] Payload)>> NextWriteAsync()
        {
            _open?.SetResult();
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            deadline.CancelAfter(Deadline);
            (var bytes, _open) = await _writes.Reader.ReadAsync(deadline.Token);
            var frames = new List<(int, byte[])>();
            for (var at = 0; at < bytes.Length;)
            {
                var opcode = bytes[at] & 0x0F;
                var (header, length) = bytes[at + 1] switch
                {
                    126 => (4, BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at + 2))),
                    var small => (2, small),
                };
                frames.Add((opcode, bytes[(at + header)..(at + header + length)]));
                at += header + length;
            }
            return frames;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _writes.Writer.WriteAsync((buffer.ToArray(), taken), cancellationToken);
            await taken.Task.WaitAsync(cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
