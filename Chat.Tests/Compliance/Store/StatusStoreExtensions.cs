using Chat.Core.Statuses;

namespace Chat.Tests.Compliance.Store;

/// <summary>Writes the one or the other, where a test is about it alone.</summary>
internal static class StatusStoreExtensions
{
    public static ValueTask RecordStatusesAsync(
        this IStatusStore store, IReadOnlyList<StatusRecord> records, CancellationToken cancellationToken) =>
        store.RecordStatusesAsync(records, [], cancellationToken);

    public static ValueTask AddChangesAsync(
        this IStatusStore store, IReadOnlyList<StatusChange> changes, CancellationToken cancellationToken) =>
        store.RecordStatusesAsync([], changes, cancellationToken);
}
