using Chat.Core.Log;

namespace Chat.Engines.Embedded.Log;

/// <summary>A member of a group. What changes here changes under the group's lock.</summary>
internal sealed class GroupMembership(PartitionProcessor process)
{
    public PartitionProcessor Process => process;

    public bool Leaving { get; set; }

    /// <summary>Partitions that it has or is about to give back.</summary>
    public int Calls { get; set; }

    /// <summary>It leaves, and its last call has ended.</summary>
    public TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
