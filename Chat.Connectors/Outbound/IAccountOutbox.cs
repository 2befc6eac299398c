using Chat.Core.Log;

namespace Chat.Connectors.Outbound;

/// <summary>What a channel's connector sends from accounts with.</summary>
public interface IAccountOutbox
{
    /// <summary>Of one partition, for as long as it belongs to this member of the group.</summary>
    internal AccountMessages Open(TopicPartition partition, OutboundFlow flow);
}

/// <inheritdoc cref="IAccountOutbox"/>
internal sealed class AccountOutbox(AccountParts parts) : IAccountOutbox
{
    public AccountMessages Open(TopicPartition partition, OutboundFlow flow) => new(parts, partition, flow);
}
