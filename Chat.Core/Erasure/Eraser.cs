using Chat.Core.Conversations;

namespace Chat.Core.Erasure;

/// <summary>Erases a person's data from the store and the log.</summary>
public sealed class Eraser(IConversationStore conversations, IErasure store, ILogErasure log)
{
    /// <summary>
    /// Erases a conversation of an organization. One that nobody owns has nothing but what the log may hold.
    /// </summary>
    /// <exception cref="InvalidOperationException">It belongs to another organization.</exception>
    public async Task<ErasureReport> EraseConversationAsync(
        Guid organizationId, Guid conversationId, bool dryRun, CancellationToken cancellationToken)
    {
        var owners = await conversations.FindOwnersAsync([conversationId], cancellationToken);
        if (owners.TryGetValue(conversationId, out var owner) && owner.OrganizationId != organizationId)
        {
            throw new InvalidOperationException(
                $"Conversation {conversationId:D} belongs to another organization than {organizationId:D}; nothing was erased.");
        }
        return await EraseAsync(new(organizationId, [conversationId]), [], dryRun, cancellationToken);
    }

    /// <summary>
    /// Erases every conversation of an organization in which a message goes to a recipient. One in which a message goes to another
    /// recipient too is left as it is, and named in the report: whether that is to be erased has to be said by its id.
    /// </summary>
    public async Task<ErasureReport> EraseRecipientAsync(
        Guid organizationId, string recipient, bool dryRun, CancellationToken cancellationToken)
    {
        var found = await store.FindConversationsAsync(organizationId, recipient, cancellationToken);
        var shared = found.Where(c => c.IsShared).Select(c => c.ConversationId).ToList();
        var scope = new ErasureScope(
            organizationId, found.Where(c => !c.IsShared).Select(c => c.ConversationId), recipient, except: shared);
        return await EraseAsync(scope, shared, dryRun, cancellationToken);
    }

    // The log first: what it learns there is removed from the store too, and after a crash in between the store still knows its ids.
    private async Task<ErasureReport> EraseAsync(
        ErasureScope scope, IReadOnlyList<Guid> shared, bool dryRun, CancellationToken cancellationToken)
    {
        // What may fail without harm goes before what can't be undone.
        var retention = await log.GetRetentionAsync(cancellationToken);
        await log.LearnAsync(scope.Learn, cancellationToken);
        await store.CollectAsync(scope, cancellationToken);
        var events = await log.EraseAsync(scope.Concerns, dryRun, cancellationToken);
        var rows = await store.EraseAsync(scope, dryRun, cancellationToken);
        if (!dryRun)
        {
            // Takes room, which may not be there: everything is removed by then.
            await log.CompactAsync(cancellationToken);
            await store.CompactAsync(cancellationToken);
        }
        return new([.. scope.Conversations], shared, rows, events, events is null ? retention : null);
    }
}

/// <summary>What was erased, or what there is to erase.</summary>
/// <param name="Shared">Conversations that were left, since they are with somebody else too.</param>
/// <param name="Rows">By table of the store.</param>
/// <param name="Events">By topic; null where the log can't remove single events.</param>
/// <param name="Retention">How long the log keeps what it could not remove, by topic; null where it could.</param>
public sealed record ErasureReport(
    IReadOnlyList<Guid> Conversations,
    IReadOnlyList<Guid> Shared,
    IReadOnlyList<ErasedRows> Rows,
    IReadOnlyList<ErasedRows>? Events,
    IReadOnlyDictionary<string, TimeSpan?>? Retention);
