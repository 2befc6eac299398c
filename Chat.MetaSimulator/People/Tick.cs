using Chat.MetaSimulator.Errors;

namespace Chat.MetaSimulator.People;

/// <summary>What became of a message of the business's.</summary>
public enum TickKind
{
    /// <summary>It left the provider.</summary>
    Sent,

    /// <summary>It reached the phone.</summary>
    Delivered,

    /// <summary>The person saw it.</summary>
    Read,

    /// <summary>It never reaches the phone.</summary>
    Failed,
}

/// <summary>That something became of a message.</summary>
/// <param name="Error">Of <see cref="TickKind.Failed"/> alone.</param>
public readonly record struct Tick(
    ChatThread Thread, PhoneMessage Message, TickKind Kind, DateTimeOffset At, GraphError? Error = null);
