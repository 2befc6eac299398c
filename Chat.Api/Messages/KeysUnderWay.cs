using System.Collections.Concurrent;
using Chat.Api.Problems;
using Chat.Core.Idempotency;
using Microsoft.Extensions.Options;

namespace Chat.Api.Messages;

/// <summary>
/// Claims idempotency keys; of claims of one key that come to this instance at the same time the store sees one, since to tell several
/// apart costs it much more.
/// </summary>
internal sealed class KeysUnderWay(IIdempotencyStore store, IOptions<MessagesOptions> options)
{
    private readonly ConcurrentDictionary<IdempotencyKey, TaskCompletionSource<IdempotencyRecord?>> _claims = new();

    /// <returns>The record itself where it is the first of its key, else the first.</returns>
    /// <exception cref="UnavailableException">The store failed.</exception>
    public async ValueTask<IdempotencyRecord> ClaimAsync(
        IdempotencyKey key, IdempotencyRecord record, CancellationToken cancellationToken)
    {
        var own = new TaskCompletionSource<IdempotencyRecord?>(TaskCreationOptions.RunContinuationsAsynchronously);
        while (_claims.GetOrAdd(key, own) is var first && first != own)
        {
            if (await first.Task.WaitAsync(cancellationToken) is { } claimed) return claimed;
            // That one failed, or its caller is gone: which says nothing of this one.
        }
        IdempotencyRecord? stored = null;
        try
        {
            return stored = await EngineCall.GuardAsync(
                ct => store.ClaimIdempotencyKeyAsync(key, record, options.Value.IdempotencyLifetime, ct), cancellationToken);
        }
        finally
        {
            // In this order, so that who finds it done and goes on does not find it again.
            _claims.TryRemove(KeyValuePair.Create(key, own));
            own.SetResult(stored);
        }
    }
}
