using Chat.Core.Bus;

namespace Chat.Core.Tokens;

/// <summary>
/// Tells every API instance by the bus that a token was revoked, so that none waits for its next look at the store. A hint, as all of
/// the bus is: what it says is in the store alone.
/// </summary>
public static class RevocationHint
{
    /// <summary>The channel of no conversation: no id is all zeros.</summary>
    public static Guid Channel => Guid.Empty;

    public static ValueTask PublishAsync(IStatusBus bus, CancellationToken cancellationToken) =>
        bus.PublishAsync([new(Channel, "{}"u8.ToArray())], cancellationToken);
}
