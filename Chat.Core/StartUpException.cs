namespace Chat.Core;

/// <summary>
/// The program can't start, for a reason that a person can change. The message is a line that says what is wrong, where, and what to do.
/// </summary>
public sealed class StartUpException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
