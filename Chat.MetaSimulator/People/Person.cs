using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Errors;

namespace Chat.MetaSimulator.People;

/// <summary>
/// A customer and their phone. A machine without I/O: what is done to the phone and the time go in, what becomes of the business's
/// messages comes out.
/// </summary>
public sealed class Person(string id, string name)
{
    private readonly List<ChatThread> _threads = [];

    public string Id { get; } = id;

    public string Name { get; set; } = name;

    /// <summary>WhatsApp's form of the number, which may lack the digit that people dial; null where the person has no WhatsApp.</summary>
    public string? WaId { get; set; }

    /// <summary>The business-scoped user id; null where the person has none.</summary>
    public string? UserId { get; set; }

    /// <summary>Whether webhooks leave the number out, as of people with a user name.</summary>
    public bool HidesNumber { get; set; }

    /// <summary>Instagram's id of the person; null where the person has no Instagram.</summary>
    public string? InstagramId { get; set; }

    public bool IsOn { get; private set; } = true;

    /// <summary>Whether the provider may tell that a message was read.</summary>
    public bool HasReadReceipts { get; set; } = true;

    /// <summary>Whether every chat counts as open: for runs of many people whom nobody plays.</summary>
    public bool ReadsAtOnce { get; set; }

    public IReadOnlyList<ChatThread> Threads => _threads;

    /// <summary>The chat with an account, made where there is none.</summary>
    public ChatThread With(MetaAccount account)
    {
        var thread = _threads.Find(t => t.Account == account);
        if (thread is null) _threads.Add(thread = new(account));
        return thread;
    }

    /// <summary>The business's message has arrived at the provider.</summary>
    /// <param name="failure">Why it can't reach the phone; null where it can.</param>
    public IReadOnlyList<Tick> Receive(ChatThread thread, PhoneMessage message, GraphError? failure, DateTimeOffset now)
    {
        thread.Messages.Add(message);
        thread.TypingUntil = null;
        if (failure is not null)
        {
            message.Failure = failure;
            return [new(thread, message, TickKind.Failed, now, failure)];
        }
        var sent = new Tick(thread, message, TickKind.Sent, now);
        if (!IsOn) return [sent];
        message.DeliveredAt = now;
        // With the chat open Meta leaves "delivered" out.
        return IsSeen(thread)
            ? [sent, Read(thread, message, now)]
            : [sent, new(thread, message, TickKind.Delivered, now)];
    }

    /// <summary>The business's emoji on a message has arrived at the provider: it shows once the phone is on.</summary>
    /// <param name="emoji">Empty to take it back.</param>
    public void Receive(ChatThread thread, PhoneMessage target, string emoji)
    {
        thread.Reactions.Add((target, emoji));
        if (IsOn) thread.ShowReactions();
    }

    /// <summary>The phone goes on: what waited for it arrives.</summary>
    public IReadOnlyList<Tick> SwitchOn(DateTimeOffset now)
    {
        if (IsOn) return [];
        IsOn = true;
        var ticks = new List<Tick>();
        foreach (var thread in _threads)
        {
            thread.ShowReactions();
            foreach (var message in thread.Messages.Where(m => !m.IsFromPerson && m.Failure is null && m.DeliveredAt is null))
            {
                message.DeliveredAt = now;
                ticks.Add(ReadsAtOnce && HasReadReceipts
                    ? Read(thread, message, now)
                    : new(thread, message, TickKind.Delivered, now));
            }
        }
        return ticks;
    }

    /// <summary>The phone goes off, and whatever was on its screen.</summary>
    public void SwitchOff()
    {
        IsOn = false;
        Close();
    }

    /// <summary>The person opens a chat, and sees what is in it; the screen has room for one.</summary>
    public IReadOnlyList<Tick> Open(ChatThread thread, DateTimeOffset now)
    {
        if (!IsOn) return [];
        Close();
        thread.IsOpen = true;
        if (!HasReadReceipts) return [];
        return
        [
            .. thread.Messages
                .Where(m => !m.IsFromPerson && m.DeliveredAt is not null && m.ReadAt is null)
                .ToList()
                .Select(m => Read(thread, m, now)),
        ];
    }

    /// <summary>The person goes back to the list of chats.</summary>
    public void Close()
    {
        foreach (var thread in _threads) thread.IsOpen = false;
    }

    private static Tick Read(ChatThread thread, PhoneMessage message, DateTimeOffset now)
    {
        message.ReadAt = now;
        return new(thread, message, TickKind.Read, now);
    }

    private bool IsSeen(ChatThread thread) => HasReadReceipts && (thread.IsOpen || ReadsAtOnce);
}
