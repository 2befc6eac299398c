using Chat.Connectors.Outbound;
using Chat.Connectors.Providers;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Messages;

namespace Chat.Tests.Connectors.Sending;

/// <summary>A provider that answers as a test says.</summary>
internal sealed class ScriptedProvider : IAccountProvider
{
    public string Channel => ChannelCatalog.WhatsApp;

    public IReadOnlyList<PlannedStatus> StatusesOfAccepted { get; set; } = [];

    /// <summary>What it answers.</summary>
    public Func<Outgoing, Task<SendAnswer>> Answer { get; set; }

    /// <summary>What it was asked to send.</summary>
    public List<Outgoing> Sent { get; } = [];

    public List<Message> Told { get; } = [];

    /// <summary>How many requests have no answer yet, and the most that had none at a time.</summary>
    public (int Now, int Most) Open { get; private set; }

    public ScriptedProvider() => Answer = outgoing => Task.FromResult(Accept(outgoing));

    public SendAnswer Accept(Outgoing outgoing) => new SendAnswer.Accepted([IdOf(outgoing.Message)], StatusesOfAccepted);

    public static string IdOf(Message message) => $"wamid.{message.MessageId:N}";

    public async ValueTask<SendAnswer> SendAsync(Outgoing outgoing, CancellationToken cancellationToken)
    {
        Sent.Add(outgoing);
        Open = (Open.Now + 1, Math.Max(Open.Most, Open.Now + 1));
        try
        {
            return await Answer(outgoing);
        }
        finally
        {
            Open = Open with { Now = Open.Now - 1 };
        }
    }

    public ValueTask<bool> TellAsync(KnownAccount account, Message hint, string? recipient, CancellationToken cancellationToken)
    {
        Told.Add(hint);
        return new(true);
    }
}
