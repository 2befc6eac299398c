using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Chat.Engines.Redis.Subscriber;

/// <summary>
/// A connection that subscribes, as long as there is a server to connect to: the shell around <see cref="SubscriptionMachine"/>. It has a
/// thread of its own, which connects and reads. Payloads are handed on as they are read, and once nothing else waits, or much was read,
/// it is told so, on that thread.
/// </summary>
internal sealed partial class SubscriberConnection : IDisposable
{
    // A read takes what waits, up to this; more than that, where a payload needs it.
    private const int FirstBuffer = 16 * 1024, LargestBuffer = 256 * 1024;

    // What no handler takes anyway is not kept either.
    private const int MaxPayload = 1024 * 1024;

    private const int WriteBytes = 64 * 1024;
    private const int ChannelsAtOnce = 500;

    // Reads that are told of together, where each after the first found something that waited already.
    private const int ReadsTogether = 8;

    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly SubscriptionMachine _machine = new(ChannelsAtOnce);
    private readonly Dictionary<Guid, TaskCompletionSource> _waiting = [];
    private readonly List<ChannelWatch> _heard = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stopped;
    private readonly SubscriberDial _dial;
    private readonly ChannelNames _names;
    private readonly Func<Guid, ChannelWatch?> _find;
    private readonly Action<string> _lost;
    private readonly Action _restored;
    private readonly Random _random;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private SubscriberLink? _link;
    private Thread? _thread;
    private bool _isWriting;
    private int _payloads;
    private string? _said;

    /// <param name="find">The watch of a conversation; null where nobody watches it any more.</param>
    /// <param name="lost">The connection was lost; called in turn with <paramref name="restored"/>, once for each loss.</param>
    /// <param name="restored">All that it was subscribed to stands again.</param>
    public SubscriberConnection(
        SubscriberDial dial,
        ChannelNames names,
        Func<Guid, ChannelWatch?> find,
        Action<string> lost,
        Action restored,
        Random random,
        TimeProvider time,
        ILogger logger)
    {
        (_dial, _names, _find, _lost, _restored) = (dial, names, find, lost, restored);
        (_random, _time, _logger) = (random, time, logger);
        _stopped = _stopping.Token;
    }

    /// <summary>Subscribes to a channel that is not subscribed to; completes once the server has confirmed it.</summary>
    /// <exception cref="RedisException">The server refuses it.</exception>
    public Task SubscribeAsync(Guid conversationId)
    {
        lock (_gate)
        {
            // Who only publishes has no such connection.
            if (_thread is null)
            {
                // Without what the first caller is about: it would be there for as long as the connection.
                var thread = new Thread(Run) { IsBackground = true, Name = "redis-subscriber" };
                thread.UnsafeStart();
                _thread = thread;
            }
            if (_machine.Want(conversationId)) return Task.CompletedTask;
            var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting[conversationId] = waiting;
            Write();
            return waiting.Task;
        }
    }

    /// <summary>Ends the channel's subscription; the server is told, and its answer not waited for.</summary>
    public void Unsubscribe(Guid conversationId)
    {
        bool isRestored;
        lock (_gate)
        {
            _machine.Drop(conversationId);
            _waiting.Remove(conversationId);
            isRestored = _machine.TryTakeRestored();
            Write();
        }
        if (isRestored) _restored();
    }

    /// <summary>Ends it, and does not wait for that: the caller may be within a handler.</summary>
    public void Dispose()
    {
        // Not CancelAsync, which goes to the thread pool.
        _stopping.Cancel();
        _stopping.Dispose();
        lock (_gate) _link?.Cut();
    }

    private void Run()
    {
        for (var pause = FirstPause; !_stopped.IsCancellationRequested; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var reason = "the server closed it";
            SubscriberLink? link = null;
            try
            {
                using (link = _dial.Connect(_time, _stopped))
                {
                    Begin(link);
                    _ = PingAsync(link);
                    Read(link);
                }
            }
#pragma warning disable CA1031 // Whatever ends a connection, there is another one.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                reason = link is { IsSilent: true } ? "the server did not answer a ping" : exception.Message;
            }
            if (_stopped.IsCancellationRequested) return;
            if (Lose(reason)) pause = FirstPause;
            try
            {
                // Not all instances at the same time.
                Task.Delay(pause * (0.5 + (_random.NextDouble() / 2)), _time, _stopped).GetAwaiter().GetResult();
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Begin(SubscriberLink link)
    {
        lock (_gate)
        {
            _stopped.ThrowIfCancellationRequested();
            _machine.Begin(!string.IsNullOrEmpty(_dial.Password), _dial.Name.Length > 0);
            (_link, _isWriting) = (link, false);
            Write();
        }
    }

    /// <summary>True where the server had let the connection in.</summary>
    private bool Lose(string reason)
    {
        bool wasConnected, isNews;
        lock (_gate)
        {
            wasConnected = _machine.IsConnected;
            isNews = _machine.Lose();
            (_link, _isWriting) = (null, false);
        }
        if (isNews)
        {
            _lost(reason);
        }
        else if (reason != _said)
        {
            LogNotConnected(reason);
            _said = reason;
        }
        return wasConnected;
    }

    private void Read(SubscriberLink link)
    {
        try
        {
            ReadToTheEnd(link);
        }
        finally
        {
            Settle();
        }
    }

    private void ReadToTheEnd(SubscriberLink link)
    {
        var reader = new RespReader(MaxPayload);
        var buffer = new byte[FirstBuffer];
        int end = 0, unsettled = 0;
        while (true)
        {
            if (end == buffer.Length) Array.Resize(ref buffer, Math.Min(buffer.Length * 2, MaxPayload + RespReader.MostAround));
            var read = link.Stream.Read(buffer.AsSpan(end));
            if (read == 0) return;
            link.Hear();
            end += read;
            var isFull = end == buffer.Length;
            var start = TakeIn(reader, buffer.AsSpan(..end));
            link.Hear();
            buffer.AsSpan(start..end).CopyTo(buffer);
            end -= start;
            if (isFull && buffer.Length < LargestBuffer) Array.Resize(ref buffer, buffer.Length * 2);
            else if (buffer.Length > LargestBuffer && end < LargestBuffer) Array.Resize(ref buffer, LargestBuffer);
            if (++unsettled < ReadsTogether && IsGathering && link.HasMore()) continue;
            Settle();
            unsettled = 0;
        }
    }

    /// <summary>
    /// Whether a conversation has several payloads: then what else comes goes out in the same writes. Else there would be as many writes,
    /// and later.
    /// </summary>
    private bool IsGathering => _payloads >= 1.25 * _heard.Count;

    private int TakeIn(RespReader reader, ReadOnlySpan<byte> bytes)
    {
        for (var start = 0; ;)
        {
            var isComplete = reader.TryRead(bytes[start..], out var consumed, out var reply);
            start += consumed;
            if (!isComplete) return start;
            if (reply.Kind == RespKind.Message) HandOn(reply);
            else Answer(reply);
        }
    }

    private void Settle()
    {
        foreach (var watch in _heard) watch.Settle();
        _heard.Clear();
        _payloads = 0;
    }

    private void HandOn(in RespReply message)
    {
        // The payload belongs to the listeners, and the buffer is read into again.
        if (!_names.TryFind(message.Text, out var id) || _find(id) is not { } watch) return;
        _payloads++;
        if (watch.Deliver(message.Payload.ToArray())) _heard.Add(watch);
    }

    private void Answer(in RespReply reply)
    {
        bool isRestored;
        lock (_gate)
        {
            switch (reply.Kind)
            {
                case RespKind.TooLarge:
                    LogTooLarge(_names.TryFind(reply.Text, out var large) ? large : default, MaxPayload);
                    break;
                case RespKind.Subscribed:
                    if (_machine.OnSubscribed(IdOf(reply.Text)) && _waiting.Remove(IdOf(reply.Text), out var stands)) stands.SetResult();
                    break;
                case RespKind.Unsubscribed:
                    _machine.OnUnsubscribed(IdOf(reply.Text));
                    break;
                case RespKind.Pong:
                    _machine.OnPong();
                    _said = null;
                    Write();
                    break;
                case RespKind.Ok:
                    _machine.OnOk();
                    break;
                case RespKind.Error:
                    Refuse(Encoding.UTF8.GetString(reply.Text));
                    break;
            }
            isRestored = _machine.TryTakeRestored();
        }
        if (isRestored) _restored();
    }

    private void Refuse(string text)
    {
        foreach (var id in _machine.OnRefused(text))
        {
            if (_waiting.Remove(id, out var refused)) refused.SetException(new RedisException(text));
        }
    }

    private Guid IdOf(ReadOnlySpan<byte> name) =>
        _names.TryFind(name, out var id) ? id : throw new InvalidDataException("what the server sent names a channel of others");

    /// <summary>Sends what there is to send, together with what comes until a thread is there for it. Under the lock.</summary>
    private void Write()
    {
        if (_isWriting || _link is not { } link) return;
        _isWriting = true;
        _ = WriteAsync(link);
    }

    private async Task WriteAsync(SubscriberLink link)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var bytes = new ArrayBufferWriter<byte>();
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (_link != link) return;
                    while (bytes.WrittenCount < WriteBytes && _machine.TryTake(out var command)) Encode(command, bytes);
                    if (bytes.WrittenCount == 0)
                    {
                        _isWriting = false;
                        return;
                    }
                }
                // Not asynchronous, as the dial says why: it waits only where the server reads nothing, until the pings find that out.
                link.Stream.Write(bytes.WrittenSpan);
                bytes.ResetWrittenCount();
            }
        }
#pragma warning disable CA1031 // The reader learns of it, and another connection begins anew.
        catch (Exception)
#pragma warning restore CA1031
        {
            link.Cut();
        }
    }

    private void Encode(SubscriberCommand command, ArrayBufferWriter<byte> into)
    {
        switch (command.Verb)
        {
            case SubscriberVerb.Auth when string.IsNullOrEmpty(_dial.User):
                RespCommands.Write(into, "AUTH", _dial.Password!);
                break;
            case SubscriberVerb.Auth:
                RespCommands.Write(into, "AUTH", _dial.User!, _dial.Password!);
                break;
            case SubscriberVerb.SetName:
                RespCommands.Write(into, "CLIENT", "SETNAME", _dial.Name);
                break;
            case SubscriberVerb.Ping:
                RespCommands.Write(into, "PING");
                break;
            case SubscriberVerb.Subscribe:
                RespCommands.Write(into, "SUBSCRIBE", command.Channels, _names);
                break;
            case SubscriberVerb.Unsubscribe:
                RespCommands.Write(into, "UNSUBSCRIBE", command.Channels, _names);
                break;
        }
    }

    /// <summary>Pings, and cuts a connection on which nothing came between two pings.</summary>
    private async Task PingAsync(SubscriberLink link)
    {
        try
        {
            while (true)
            {
                await Task.Delay(PingInterval, _time, link.Ended).ConfigureAwait(false);
                if (!link.WasHeard())
                {
                    link.CutSilent();
                    return;
                }
                lock (_gate)
                {
                    if (_link != link) return;
                    _machine.Ping();
                    Write();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It has ended.
        }
    }

    [LoggerMessage(
        EventId = LogEvents.NotConnected,
        Level = LogLevel.Warning,
        Message = "No Redis connection that receives statuses ({Reason}); it is tried again")]
    private partial void LogNotConnected(string reason);

    [LoggerMessage(
        EventId = LogEvents.PayloadTooLarge,
        Level = LogLevel.Warning,
        Message = "A payload on the channel of conversation {Conversation} has more than {Most} bytes and was ignored")]
    private partial void LogTooLarge(Guid conversation, int most);
}
