namespace Chat.Core.Bus;

/// <summary>
/// Who listens to a conversation. An object and no delegates: a hub has one for each watched conversation, for as long as it is watched.
/// Neither method may block or throw, and the bus never calls both of a listener's together.
/// </summary>
public interface IBusListener
{
    /// <summary>One payload at a time, in order. It belongs to the listener.</summary>
    void OnPayload(ReadOnlyMemory<byte> payload);

    /// <summary>After one payload or several, as soon as no other waits: what came together can be done together.</summary>
    void OnSettled();
}
