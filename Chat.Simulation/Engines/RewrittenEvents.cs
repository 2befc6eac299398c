using Chat.Core.Channels;
using Chat.Core.Events;
using Chat.Core.Log;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Engines;

/// <summary>Deliberate breaks of what is appended.</summary>
internal static class RewrittenEvents
{
    /// <summary><see cref="InjectedBug.RedeliveryIsNew"/>: a message that comes in gets an id of its own.</summary>
    public static Func<NewEvent, NewEvent> WithNewIds(SimRandom random) => appended =>
    {
        if (!ChannelCatalog.Names.Any(c => appended.Topic == Topics.Inbound(c))) return appended;
        if (MessageEventJson.TryRead(appended.Value.Span, out _) is not { } message) return appended;
        var bytes = message.MessageId.ToByteArray(bigEndian: true);
        random.Fill(bytes.AsSpan(9));
        return appended with { Value = MessageEventJson.Write(message with { MessageId = new(bytes, bigEndian: true) }) };
    };

    /// <summary><see cref="InjectedBug.AccountNotChecked"/>: nothing says which account a status was reported to.</summary>
    public static NewEvent WithoutAccount(NewEvent appended) =>
        appended.Topic == Topics.Status && StatusEventJson.TryRead(appended.Value.Span, out _) is { AccountId: not null } status
            ? appended with { Value = StatusEventJson.Write(status with { AccountId = null }) }
            : appended;
}
