using System.Text;
using System.Text.Json;
using Chat.Api.Hub.Protocol;
using Chat.Api.Messages;
using Chat.Core.Events;
using Chat.Core.Frames;
using Chat.Core.Ids;
using Chat.Core.Json;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.PutBack;
using Chat.Core.Statuses;
using Chat.Core.Text;

namespace Chat.Tests.Fuzz;

/// <summary>
/// Every reader of what comes in, on inputs that are wrong in every way: a value within its bounds, or an error, and never an
/// exception.
/// </summary>
public sealed class ReaderFuzzTests
{
    private const int Usual = 4_000;

    // An event's texts, each byte of them escaped, and what is around them.
    private const int LargestStatus = 12 * 1024;
    private const int LongestError = 400;

    private static readonly DateTimeOffset Now = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Statuses() => Run(200, FuzzSamples.Statuses, json =>
    {
        if (StatusEventJson.TryRead(json, out var error) is not { } status)
        {
            AssertPrintable(error!.ToString());
            return;
        }
        Assert.Null(error);
        Assert.NotEqual(Guid.Empty, status.MessageId);
        Assert.NotEqual(Guid.Empty, status.ConversationId);
        Assert.NotEqual(Guid.Empty, status.OrganizationId);
        var written = StatusEventJson.Write(status);
        Assert.InRange(written.Length, 1, LargestStatus);
        var again = StatusEventJson.TryRead(written, out error);
        Assert.True(again is not null, error?.ToString());
        Assert.Equal(status with { Timestamp = again.Timestamp }, again);
        _ = FactTime.Effective(status.Timestamp, Now, status.MessageId);
        Release(json);
    });

    [Fact]
    public void Parked_statuses_that_an_older_version_kept() => Run(50, FuzzSamples.Statuses, Release);

    [Fact]
    public void Messages() => Run(150, FuzzSamples.Messages, json =>
    {
        if (MessageEventJson.TryRead(json, out var error) is not { } message)
        {
            AssertPrintable(error!.ToString());
            return;
        }
        Assert.InRange(Encoding.UTF8.GetByteCount(message.Content), 2, EventLimits.MaxContentBytes);
        Assert.Equal(message, MessageEventJson.TryRead(MessageEventJson.Write(message), out _));
        Show(message);
    });

    [Fact]
    public void Contents_that_an_older_version_stored() => Run(50, FuzzSamples.Posts, json => Show(new Message(
        Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), "whatsapp", "outbound", "text",
        Encoding.UTF8.GetString(json), null, Now)));

    [Fact]
    public void Bus_payloads() => Run(150, FuzzSamples.Payloads, json =>
    {
        if (BusPayload.TryRead(json) is not { } payload) return;
        using var frame = JsonDocument.Parse(payload.Frame);
        Assert.Null(JsonGate.Check(payload.Frame.Span, BusPayload.MaxBytes));
        Assert.NotEqual(Guid.Empty, payload.Organization);
        Assert.InRange(payload.Seq ?? 0, 0, SequenceNumber.Max);
    });

    [Fact]
    public void Client_frames() => Run(150, FuzzSamples.Frames, json =>
    {
        switch (ClientFrame.Read(json))
        {
            case ClientFrame.Subscribe subscribe:
                Assert.NotEqual(Guid.Empty, subscribe.ConversationId);
                break;
            case ClientFrame.Unsubscribe unsubscribe:
                Assert.NotEqual(Guid.Empty, unsubscribe.ConversationId);
                break;
        }
    });

    [Fact]
    public void Dead_letters() => Run(50, FuzzSamples.Statuses, json =>
    {
        var text = Encoding.UTF8.GetString(json);
        EventHeader[] headers =
        [
            new(HeaderNames.DeadLetterReason, text),
            new(HeaderNames.DeadLetterSeq, text.Length % 2 == 0 ? "7" : text),
            new(HeaderNames.DeadLetterAppendedAt, text.Length % 3 == 0 ? $"{long.MaxValue}" : "1736937010000"),
        ];
        var letter = new DeadLetter(Topics.DeadLetter(Topics.Status), 0, "a", new LogEvent(7, null, json, Now, headers), Back: null);
        AssertPrintable(letter.Reason, 600);
        Assert.Equal(Topics.Status, letter.ToPutBack().Topic);
        AssertPrintable(Printable.Line(text));
    });

    private static void Release(byte[] json)
    {
        var parked = new ParkedStatus("subject", 7, json, Now);
        var released = ParkedStatuses.Release(parked, new MessageKey(FuzzSamples.Conversation, Guid.NewGuid()));
        if (released.Topic != Topics.Status) Assert.Equal(Topics.DeadLetter(Topics.Status), released.Topic);
        _ = ParkedStatuses.PutBack("subject", json, 7, Now);
    }

    private static void Show(Message message) =>
        _ = JsonSerializer.SerializeToUtf8Bytes(
            MessageView.From(message, StatusFacts.None), Chat.Api.Http.ApiJsonContext.Default.MessageView);

    private static void AssertPrintable(string text, int longest = LongestError)
    {
        Assert.InRange(text.Length, 0, longest);
        Assert.Equal(text, Printable.Line(text, longest));
    }

    private static void Run(int share, FuzzSample[] samples, Action<byte[]> read)
    {
        var inputs = new FuzzInputs(TestContext.Current.TestMethod!.MethodName, samples);
        foreach (var sample in samples) read(sample.Json);
        for (var left = FuzzInputs.Count(share, Usual); left > 0; left--)
        {
            var json = inputs.Next();
            try
            {
                read(json);
            }
            catch (Exception exception)
            {
                var start = Convert.ToBase64String(json.AsSpan(0, Math.Min(json.Length, 3000)));
                throw new InvalidOperationException($"seed {inputs.Seed}, {left} left, {start}", exception);
            }
        }
    }
}
