namespace Chat.Core.Engines;

/// <summary>
/// An engine refuses what it was given for what it is, and always will: it is too large, or invalid. Trying again is useless, the
/// engine itself works. Anything else that an engine throws is a failure that may pass. A call for several things that is refused
/// says only that some of them, or all together, are: others may have been taken.
/// </summary>
/// <param name="message">Why, in one line for a person, without a full stop; repeats nothing of what was refused.</param>
/// <param name="inner">The engine's own exception.</param>
public sealed class EngineRefusedException(string message, Exception? inner = null) : Exception(message, inner);
