using System.Buffers;
using Chat.Core.Webhooks;
using Microsoft.Extensions.Options;

namespace Chat.Api.Webhooks;

/// <summary>Why a body was not read to its end.</summary>
internal enum BodyRefusal
{
    None,
    TooLarge,
    TooSlow,
    NoRoom,
}

/// <summary>
/// Reads bodies of webhooks: each within its time, and of all together no more than there is room for. Whose a body is is known once it
/// is read as a whole, so that anybody may send one.
/// </summary>
internal sealed class WebhookBodies(IOptions<WebhookOptions> options, TimeProvider time)
{
    private readonly TimeSpan _timeout = options.Value.BodyTimeout;
    private readonly long _most = options.Value.MaxHeldBytes;

    private long _held;

    /// <summary>What one body takes of the room: to be disposed of once the body is no longer needed.</summary>
    public Room Open() => new(this);

    /// <summary>The bytes as they came, whatever their type and encoding are said to be: they are what was signed.</summary>
    public async ValueTask<(byte[]? Body, BodyRefusal Refusal)> ReadAsync(
        HttpRequest request, Room room, CancellationToken cancellationToken)
    {
        if (request.ContentLength > RawWebhook.MaxBytes) return (null, BodyRefusal.TooLarge);
        using var late = new CancellationTokenSource(_timeout, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            while (true)
            {
                var read = await request.BodyReader.ReadAsync(ending.Token);
                var buffer = read.Buffer;
                BodyRefusal? refusal = buffer.Length > RawWebhook.MaxBytes ? BodyRefusal.TooLarge
                    : !room.TryGrow(buffer.Length) ? BodyRefusal.NoRoom
                    : null;
                var body = refusal is null && read.IsCompleted ? buffer.ToArray() : null;
                if (body is null && refusal is null)
                {
                    request.BodyReader.AdvanceTo(buffer.Start, buffer.End);
                    continue;
                }
                // What has come is let go at once.
                request.BodyReader.AdvanceTo(buffer.End);
                return (body, refusal ?? BodyRefusal.None);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, BodyRefusal.TooSlow);
        }
    }

    internal sealed class Room(WebhookBodies bodies) : IDisposable
    {
        private long _taken;

        /// <summary>Takes as much as has come by now, and no more: what is announced costs nothing. False where there is no room.</summary>
        public bool TryGrow(long bytes)
        {
            var more = bytes - _taken;
            _taken = bytes;
            return Interlocked.Add(ref bodies._held, more) <= bodies._most;
        }

        public void Dispose() => Interlocked.Add(ref bodies._held, -_taken);
    }
}
